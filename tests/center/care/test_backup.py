"""A centre copied while it runs, and put back: whole, checked, never less than was published."""

import asyncio
import errno
import os
import re
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization

from center.bench import SIGNER, Bench
from hostile.killing import deaths, new_folders
from openprep.center.care import backup as backup_module
from openprep.center.care.backup import LIST, back_up, newest_copy, read_list
from openprep.center.care.restore import Restoring, restore
from openprep.center.publishers import Word
from openprep.center.start import StartRefused
from openprep.cuts.codes import PublicationCode
from openprep.record.codes import RecordCode, RecordTrouble
from openprep.record.facts import ActaReported
from small.election import OPENS, acta


def put_key(folder):
    pem = SIGNER.private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "center.key"
    path.touch(0o600)
    path.write_bytes(pem)


@pytest.fixture
async def bench(tmp_path):
    """A centre in the middle of its night, everything since its start in the write-ahead log."""
    bench = Bench(tmp_path / "centre")
    put_key(bench.folder)
    bench.now = OPENS
    await bench.cut()
    await bench.report(ActaReported(acta(0)), ActaReported(acta(4)))
    await bench.cut()
    (bench.folder / "images").mkdir(exist_ok=True)
    bench.images.keep(b"an image")
    yield bench
    bench.stop()


def copy(bench, to, minutes=5):
    return back_up(bench.folder, to, None, OPENS + timedelta(minutes=minutes))


def asking(*notes):
    """Publishers who show these notes."""

    async def ask(addresses):
        shown = dict(enumerate(notes))
        return [Word(address, 0.0, shown.get(index), 7) for index, address in enumerate(addresses)]

    return ask


def plan_of(source, data, **changes):
    return Restoring(source, data, **{"publishers": ("http://tec.example",), **changes})


def note_of(bench, cut):
    return bench.tree.read(f"cuts/{cut}.note")


async def test_a_centre_is_copied_while_it_runs_and_goes_on_from_the_copy(bench, tmp_path):
    wal = bench.folder / "record.sqlite-wal"
    assert wal.stat().st_size > 0, "the record's own file would be an empty copy"
    made = copy(bench, tmp_path / "copies")
    assert (made.listed.position, made.listed.cut) == (bench.ledger.state.position, 1)
    await bench.report(ActaReported(acta(2)))
    plan = plan_of(tmp_path / "copies", tmp_path / "again")
    done = await restore(plan, asking(note_of(bench, 1)))
    assert done.heard == ["http://tec.example"]

    again = Bench(tmp_path / "again")
    again.now, again.sequence = OPENS + timedelta(minutes=6), 1
    assert again.tree.pointer().cut == 1
    await again.report(ActaReported(acta(2)))
    third = await again.cut()
    assert third.cut == 2
    assert again.reading().section("001/0001").actas[0].acta is not None
    assert [path.name for path in again.images.root.iterdir()]
    again.stop()


async def test_a_copy_has_all_that_a_start_needs_and_only_its_owner_reads_it(bench, tmp_path):
    os.umask(0o000)
    try:
        made = copy(bench, tmp_path / "copies")
    finally:
        os.umask(0o022)
    assert {"record.sqlite", "center.key"} <= set(made.listed.files)
    assert not any("/live" in name or "/heads" in name for name in made.listed.files)
    assert made.folder.stat().st_mode & 0o077 == 0
    await restore(plan_of(made.folder, tmp_path / "again"), asking(note_of(bench, 1)))
    for name in ("record.sqlite", "center.key"):
        assert (tmp_path / "again" / name).stat().st_mode & 0o077 == 0


async def test_the_next_copy_links_what_did_not_change(bench, tmp_path):
    first = copy(bench, tmp_path / "copies")
    await bench.report(ActaReported(acta(2)))
    await bench.cut()
    second = copy(bench, tmp_path / "copies", 6)
    assert second.written < first.written
    for name in ("public/packs/1.pack", next(n for n in first.listed.files if n.endswith(".jpg"))):
        assert (first.folder / name).samefile(second.folder / name)
    assert newest_copy(tmp_path / "copies") == second.folder
    shutil.rmtree(first.folder)
    await restore(plan_of(tmp_path / "copies", tmp_path / "again"), asking(note_of(bench, 2)))


@pytest.mark.parametrize("damage", ["bytes", "length", "gone"])
async def test_damage_on_the_copies_disk_does_not_go_on_from_copy_to_copy(
    bench, tmp_path, caplog, damage
):
    (name,) = (name for name in copy(bench, tmp_path / "copies").listed.files if "images/" in name)
    earlier = newest_copy(tmp_path / "copies") / name
    whole = earlier.read_bytes()
    if damage == "gone":
        earlier.unlink()
    else:
        earlier.write_bytes(b"?" * len(whole) if damage == "bytes" else whole[:-1])
    for minutes in range(6, 6 + backup_module.SHARES):
        made = copy(bench, tmp_path / "copies", minutes)
        if (made.folder / name).read_bytes() == whole:
            break
    assert damage == "bytes" or minutes == 6, "what costs nothing to see is seen at once"
    assert f"{name} is damaged" in caplog.text
    await restore(plan_of(tmp_path / "copies", tmp_path / "again"), asking(note_of(bench, 1)))
    assert (tmp_path / "again" / name).read_bytes() == whole


async def test_a_file_that_was_written_anew_under_its_name_is_copied_anew(bench, tmp_path):
    first = copy(bench, tmp_path / "copies")
    path = bench.folder / "public/cuts/1.json"
    data = bytearray(path.read_bytes())
    data[-2] ^= 1
    path.write_bytes(data)
    second = copy(bench, tmp_path / "copies", 6)
    name = "public/cuts/1.json"
    assert first.listed.files[name].size == second.listed.files[name].size
    assert first.listed.files[name].sha256 != second.listed.files[name].sha256


async def test_killed_at_any_call_a_copy_is_whole_or_not_there(bench, tmp_path):
    copy(bench, tmp_path / "copies")
    tried = 0
    for to in deaths(new_folders(tmp_path), lambda to: copy(bench, to)):
        tried += 1
        found = newest_copy(to)
        if found is not None:
            for name, file in read_list(found).files.items():
                assert backup_module.describe_file(found / name).sha256 == file.sha256
        copy(bench, to, 7)
        assert not list(to.glob(".*")), "nothing of the broken copy is left"
    assert tried > 20


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, RecordCode.DISK_FULL),
        (errno.EDQUOT, RecordCode.DISK_FULL),
        (errno.EIO, RecordCode.DISK_FAILED),
        (errno.EROFS, RecordCode.NOT_WRITABLE),
        (errno.EACCES, RecordCode.NOT_WRITABLE),
    ],
)
async def test_a_disk_that_refuses_the_copy_says_which_way_and_keeps_nothing(
    bench, tmp_path, monkeypatch, number, code
):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(backup_module, "copy_file", refuse)
    with pytest.raises(RecordTrouble) as trouble:
        copy(bench, tmp_path / "copies")
    assert trouble.value.code is code
    assert list((tmp_path / "copies").iterdir()) == []


async def test_a_copy_that_does_not_fit_is_not_begun(bench, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    refused = r"P049 .* the copy takes 0\.\d, and 67\.1 must stay free beside it"
    with pytest.raises(StartRefused, match=refused):
        copy(bench, tmp_path / "copies")
    assert list((tmp_path / "copies").iterdir()) == []


async def test_a_damaged_record_is_told_and_no_copy_of_it_is_made(bench, tmp_path):
    with sqlite3.connect(bench.folder / "record.sqlite") as connection:
        connection.execute("UPDATE events SET body = x'00' WHERE position = 2")
    with pytest.raises(RecordTrouble) as trouble:
        copy(bench, tmp_path / "copies")
    assert trouble.value.code is RecordCode.CHAIN_BROKEN
    assert newest_copy(tmp_path / "copies") is None


async def refused(plan, ask):
    with pytest.raises((StartRefused, RecordTrouble)) as trouble:
        await restore(plan, ask)
    assert not plan.data.exists()
    return trouble.value.code


async def test_a_copy_damaged_anywhere_is_refused_and_nothing_is_put_in_place(bench, tmp_path):
    made = copy(bench, tmp_path / "copies")
    note = note_of(bench, 1)
    for number, name in enumerate(sorted(made.listed.files)):
        path = made.folder / name
        whole = path.read_bytes()
        for damaged in (bytes([whole[0] ^ 1]) + whole[1:], whole[:-1], whole + b"x", None):
            path.unlink()
            if damaged is not None:
                path.write_bytes(damaged)
            plan = plan_of(made.folder, tmp_path / f"again-{number}")
            assert await refused(plan, asking(note)) is PublicationCode.COPY_DAMAGED, name
            path.write_bytes(whole)
    await restore(plan_of(made.folder, tmp_path / "again"), asking(note))


def _device(path):
    path.symlink_to("/dev/zero")


FOREIGN = {
    "a pipe": os.mkfifo,
    "a device without end": _device,
    "a folder": os.mkdir,
    "a link in a circle": lambda path: path.symlink_to(path.name),
    "a larger file": lambda path: path.write_bytes(bytes(1 << 20)),
}


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.parametrize("name", ["public/cuts/0.json", "center.key", LIST])
async def test_what_was_put_in_the_place_of_a_copy_s_file_is_refused_and_not_waited_for(
    bench, tmp_path, name, what
):
    made = copy(bench, tmp_path / "copies")
    (made.folder / name).unlink()
    FOREIGN[what](made.folder / name)
    with pytest.raises(StartRefused) as refusal:
        await restore(plan_of(made.folder, tmp_path / "again"), asking(note_of(bench, 1)))
    assert refusal.value.code is PublicationCode.COPY_DAMAGED
    assert not (tmp_path / "again").exists()
    assert not list(tmp_path.glob(".again*"))


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"format": 9}'])
async def test_a_copy_whose_list_is_damaged_does_not_keep_the_next_from_being_made(
    bench, tmp_path, text
):
    (copy(bench, tmp_path / "copies").folder / LIST).write_text(text)
    made = copy(bench, tmp_path / "copies", minutes=6)
    assert made.listed.cut == 1
    await restore(plan_of(made.folder, tmp_path / "again"), asking(note_of(bench, 1)))


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/outside", "public/../../outside", "a\\b", "a\0outside"]
)
async def test_a_list_that_names_a_place_outside_writes_nothing_there(bench, tmp_path, name):
    made = copy(bench, tmp_path / "copies")
    listed = msgspec.json.decode((made.folder / LIST).read_bytes())
    listed["files"][name] = listed["files"]["center.key"]
    (made.folder / LIST).write_bytes(msgspec.json.encode(listed))
    plan = plan_of(made.folder, tmp_path / "deep/again")
    assert await refused(plan, asking()) is PublicationCode.COPY_DAMAGED
    assert not list(tmp_path.rglob("outside"))


@pytest.mark.parametrize("size", [-5, 10**400], ids=["negative", "endless"])
async def test_a_size_that_no_file_has_is_refused(bench, tmp_path, size):
    made = copy(bench, tmp_path / "copies")
    text = (made.folder / LIST).read_text()
    (made.folder / LIST).write_text(re.sub(r'"size": \d+', f'"size": {size}', text, count=1))
    plan = plan_of(made.folder, tmp_path / "again")
    assert await refused(plan, asking()) is PublicationCode.COPY_DAMAGED


async def test_a_copy_is_put_into_the_folder_where_one_stands(bench, tmp_path, monkeypatch):
    made = copy(bench, tmp_path / "copies")
    (tmp_path / "again").mkdir()
    monkeypatch.chdir(tmp_path / "again")
    await restore(plan_of(made.folder, Path()), asking(note_of(bench, 1)))
    assert (tmp_path / "again/record.sqlite").is_file()


async def test_what_a_centre_drops_while_space_is_reckoned_keeps_no_copy_from_being_made(
    bench, tmp_path, monkeypatch
):
    files = backup_module.tree_files

    def and_one_that_goes(data):
        yield from files(data)
        yield "public/gone", data / "public/gone"

    monkeypatch.setattr(backup_module, "tree_files", and_one_that_goes)
    assert "public/gone" not in copy(bench, tmp_path / "copies").listed.files


async def test_a_copy_is_never_put_over_anything(bench, tmp_path):
    made = copy(bench, tmp_path / "copies")
    with pytest.raises(StartRefused, match="P046"):
        await restore(plan_of(made.folder, bench.folder), asking(note_of(bench, 1)))
    (tmp_path / "empty").mkdir()
    await restore(plan_of(made.folder, tmp_path / "empty"), asking(note_of(bench, 1)))


async def test_a_copy_that_publishers_are_ahead_of_is_not_put_back(bench, tmp_path):
    """The second history of operations F3, signed by a centre that was restored from its copy."""
    made = copy(bench, tmp_path / "copies")
    await bench.report(ActaReported(acta(2)))
    await bench.cut()
    plan = plan_of(made.folder, tmp_path / "again")
    with pytest.raises(StartRefused, match=r"shows cut 7.*ends with cut 1"):
        await restore(plan, asking(note_of(bench, 2)))
    assert not plan.data.exists()
    given_up = plan_of(made.folder, tmp_path / "again", behind=True)
    await restore(given_up, asking(note_of(bench, 2)))


async def test_where_nobody_answers_somebody_must_say_so(bench, tmp_path):
    made = copy(bench, tmp_path / "copies")
    for ask in (asking(), asking(b"<html>hotel</html>")):
        plan = plan_of(made.folder, tmp_path / "again")
        assert await refused(plan, ask) is PublicationCode.NOBODY_ANSWERS
    await restore(plan_of(made.folder, tmp_path / "again", nobody_answers=True), asking())


async def test_killed_at_any_call_while_it_is_put_back_the_centre_is_whole_or_not_there(
    bench, tmp_path
):
    made = copy(bench, tmp_path / "copies")
    note = note_of(bench, 1)

    def put_back(data):
        asyncio.run(restore(plan_of(made.folder, data), asking(note)))

    def each():
        seen = set()
        for data in deaths(new_folders(tmp_path), put_back):
            seen.add(data.exists())
            if not data.exists():
                put_back(data)
            else:
                assert len(list(data.rglob("*"))) >= len(made.listed.files)
            again = Bench(data)
            assert again.tree.pointer().cut == 1
            again.stop()
        assert seen == {False, True}

    await asyncio.to_thread(each)
