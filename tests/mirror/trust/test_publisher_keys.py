"""A publisher's exclusive keys: all or none, for the owner only, never replaced."""

import shutil
import stat
import subprocess

import pyrage
import pytest

from openprep.mirror.keys import (
    COSIGNER,
    RECIPIENT,
    REQUEST,
    PublisherKeyCode,
    PublisherKeyTrouble,
    load_publisher_keys,
    make_publisher_keys,
)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mirror" / "keys"


def trouble(action, folder):
    with pytest.raises(PublisherKeyTrouble) as raised:
        action(folder)
    return raised.value


def test_keys_are_kept_for_their_owner_only_and_come_back(folder):
    made = make_publisher_keys(folder)
    assert load_publisher_keys(folder).public == made.public
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()
    } == dict.fromkeys((REQUEST, RECIPIENT, COSIGNER), 0o600)
    assert [path.name for path in folder.parent.iterdir()] == ["keys"]


def test_the_three_keys_are_three(folder, tmp_path):
    public = make_publisher_keys(folder).public
    other = make_publisher_keys(tmp_path / "other").public
    assert len({public.request_key, public.cosigner_key, other.request_key}) == 3
    assert public.recipient != other.recipient


def test_what_is_printed_of_keys_is_not_secret(folder):
    made = make_publisher_keys(folder)
    text = f"{made} {made!r}"
    assert made.identity not in text
    assert made.request_key.private_bytes_raw().hex() not in text


def test_the_standard_age_command_uses_the_identity(folder, tmp_path):
    made = make_publisher_keys(folder)
    (tmp_path / "sealed").write_bytes(
        pyrage.encrypt(b"a package", [pyrage.x25519.Recipient.from_str(made.public.recipient)])
    )
    command = ["age", "-d", "-i", folder / RECIPIENT, tmp_path / "sealed"]
    opened = subprocess.run(command, check=True, capture_output=True)
    assert opened.stdout == b"a package"


def test_an_identity_made_by_age_keygen_is_taken(folder):
    make_publisher_keys(folder)
    (folder / RECIPIENT).unlink()
    command = ["age-keygen", "-o", folder / RECIPIENT]
    subprocess.run(command, check=True, capture_output=True)
    made = (folder / RECIPIENT).read_text()
    assert load_publisher_keys(folder).public.recipient in made


def test_keys_are_never_replaced_in_passing(folder):
    made = make_publisher_keys(folder)
    assert trouble(make_publisher_keys, folder).code is PublisherKeyCode.EXISTS
    assert load_publisher_keys(folder).public == made.public
    assert [path.name for path in folder.parent.iterdir()] == ["keys"]


def test_a_folder_with_one_key_left_is_not_filled_up(folder):
    """The other two may be enrolled, and only lost from this disk."""
    make_publisher_keys(folder)
    (folder / REQUEST).unlink()
    assert trouble(make_publisher_keys, folder).code is PublisherKeyCode.EXISTS
    assert not (folder / REQUEST).exists()


def test_an_empty_folder_is_filled(folder):
    folder.mkdir(parents=True)
    make_publisher_keys(folder)
    load_publisher_keys(folder)


@pytest.mark.parametrize(
    "failing",
    [
        "os.fsync",
        "openprep.mirror.keys.make_folder",
        "openprep.mirror.keys.create_private",
        "openprep.private.sync_folder",
    ],
)
def test_a_full_disk_leaves_no_half_of_the_keys(folder, monkeypatch, failing):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(failing, full)
    assert trouble(make_publisher_keys, folder).code is PublisherKeyCode.UNUSABLE
    monkeypatch.undo()
    assert not folder.exists()
    make_publisher_keys(folder)


@pytest.mark.parametrize("name", [REQUEST, RECIPIENT, COSIGNER])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_not_used(folder, name, mode):
    make_publisher_keys(folder)
    (folder / name).chmod(mode)
    assert trouble(load_publisher_keys, folder).code is PublisherKeyCode.EXPOSED


@pytest.mark.parametrize("name", [REQUEST, RECIPIENT, COSIGNER])
@pytest.mark.parametrize(
    "content", [b"", b"zz" * 32, b"ab" * 31, b"AGE-SECRET-KEY-1X", b"\xff" * 9]
)
def test_a_file_that_is_not_a_key(folder, name, content):
    make_publisher_keys(folder)
    (folder / name).write_bytes(content)
    assert trouble(load_publisher_keys, folder).code is PublisherKeyCode.UNUSABLE


def test_missing_keys(folder):
    found = trouble(load_publisher_keys, folder)
    assert found.code is PublisherKeyCode.UNUSABLE
    assert REQUEST in str(found)
    make_publisher_keys(folder)
    shutil.rmtree(folder)
    assert trouble(load_publisher_keys, folder).code is PublisherKeyCode.UNUSABLE
