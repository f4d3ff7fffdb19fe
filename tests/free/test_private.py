"""Files for their owner only: each is whole under its name, never replaced, and nobody else's."""

import errno
import os
import stat

import pytest

from hostile.killing import deaths, new_folders
from openprep.private import Exposed, create_private, open_private, read_private

SECRET = b"SECRET" * 1000


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def lenient():
    """A user whose files are everybody's, if nothing else is said."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def without_links(monkeypatch):
    """A file system as of a stick, where a file has one name only."""

    def refuse(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)


def test_a_private_file_is_its_owners_only_whatever_the_user_is_used_to(tmp_path, lenient):
    create_private(tmp_path / "key", SECRET)
    with open_private(tmp_path / "other") as stream:
        assert mode_of(tmp_path / "other") == 0o600
        stream.write(SECRET)
    assert mode_of(tmp_path / "key") == 0o600
    assert read_private(tmp_path / "key", len(SECRET)) == SECRET
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key", "other"]


def occupy(path, kind):
    if kind == "a link to nothing":
        path.symlink_to(path.with_name("nothing"))
    elif kind == "a folder":
        path.mkdir()
    else:
        path.write_bytes(b"the key that is enrolled")


@pytest.mark.parametrize("kind", ["a file", "a folder", "a link to nothing"])
def test_what_has_the_name_is_never_replaced(tmp_path, kind):
    occupy(tmp_path / "key", kind)
    for _ in range(2):
        with pytest.raises(FileExistsError):
            create_private(tmp_path / "key", SECRET)
        with pytest.raises(FileExistsError):
            open_private(tmp_path / "key")
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    if kind == "a file":
        assert (tmp_path / "key").read_bytes() == b"the key that is enrolled"


def test_on_a_stick_a_private_file_is_kept_and_not_replaced_either(tmp_path, without_links):
    create_private(tmp_path / "key", SECRET)
    assert (tmp_path / "key").read_bytes() == SECRET
    assert mode_of(tmp_path / "key") == 0o600
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "key", b"another")
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert (tmp_path / "key").read_bytes() == SECRET


def test_killed_at_any_call_a_private_file_is_whole_or_not_there_and_can_be_made_again(
    tmp_path,
):
    new_folder = new_folders(tmp_path)

    def begin():
        folder = new_folder()
        folder.mkdir()
        return folder / "key"

    left = []
    for path in deaths(begin, lambda path: create_private(path, SECRET)):
        left.append(path.exists())
        assert not path.exists() or path.read_bytes() == SECRET
        assert all(mode_of(file) == 0o600 for file in path.parent.iterdir())
        if not path.exists():
            create_private(path, b"again")
            assert path.read_bytes() == b"again"
    assert {True, False} <= set(left)


@pytest.mark.parametrize("failing", ["write", "fsync", "link"])
def test_a_private_file_that_cannot_be_kept_leaves_nothing(tmp_path, monkeypatch, failing):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    if failing == "write":
        monkeypatch.setattr(os, "fdopen", full)
    else:
        monkeypatch.setattr(os, failing, full)
    with pytest.raises(OSError, match="No space"):
        create_private(tmp_path / "key", SECRET)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601])
def test_a_file_that_others_may_touch_is_not_read(tmp_path, mode):
    create_private(tmp_path / "key", SECRET)
    (tmp_path / "key").chmod(mode)
    with pytest.raises(Exposed):
        read_private(tmp_path / "key", len(SECRET))


def test_no_more_of_a_private_file_is_read_than_was_asked_for(tmp_path):
    create_private(tmp_path / "key", SECRET)
    assert read_private(tmp_path / "key", 6) == b"SECRET"
