"""A bucket filled from a mirror's tree: whole at every instant, only news sent, headers kept."""

import asyncio
import gzip
import hashlib
import shutil
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta

import msgspec
import obstore
import pytest
from click.testing import CliRunner
from moto.server import ThreadedMotoServer
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, S3Store

from audit.liar import HonestCenter, audited, failed
from bucket import reader as reader_module
from bucket.reader import cut_read_from, read
from hostile.killing import deaths, functions, new_folders
from openprep.bucket import sync as bucket_module
from openprep.bucket.codes import BucketCode, BucketTrouble
from openprep.bucket.memory import Uploaded
from openprep.bucket.sync import BucketSync, files_below, store_at
from openprep.cli.main import main
from openprep.cli.mirror.serving import sync
from openprep.hosting.rules import (
    FOR_A_MINUTE,
    FOR_A_MOMENT,
    FOR_EVER,
    NEWEST_TRUST,
    caching_of,
)
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.pack import Where
from openprep.wire.cut.ref import SCHEMA, image_path, pack_path, where_path
from small.center import SmallCenter
from small.image import digest_of, jpeg
from small.publishers import small_network, until


@pytest.fixture
def center(tmp_path):
    center = SmallCenter(tmp_path / "data" / "public")
    center.next_cut()
    center.next_cut()
    return center


def uploaded(tmp_path, target="t"):
    return Uploaded(tmp_path / "data" / "sync", target)


def syncing(center, store, tmp_path, **options):
    return BucketSync(center.tree.root, store, uploaded(tmp_path), **options)


def names_in(store):
    return {entry["path"] for some in obstore.list(store) for entry in some}


async def test_a_bucket_becomes_the_tree_and_then_takes_only_news(center, tmp_path):
    store = MemoryStore()
    first = await syncing(center, store, tmp_path).sync()
    expected = {*files_below(center.tree.root), "current.json", "checkpoint", "frame.json"}
    assert names_in(store) == expected
    assert all(read(store, name) == center.tree.read(name) for name in expected)
    assert (first.cut, first.files) == (1, len(expected))
    again = syncing(center, store, tmp_path)
    assert await again.sync() is None
    center.next_cut()
    second = await again.sync()
    assert second.cut == cut_read_from(store) == 2
    assert second.files == len({*files_below(center.tree.root)} - expected) + 2


async def test_the_trust_root_is_copied_and_each_renewal_of_it_without_a_new_cut(tmp_path):
    """Operations F5: without it every reader of a bucket was told that nobody vouches."""
    async with small_network(tmp_path, ("tec",)) as network:
        network.center.next_cut()
        tec = network.mirrors["tec"]
        await tec.start().shows(0)
        public, copy = tec.folder / "public", tmp_path / "copy"
        await until((public / NEWEST_TRUST).exists)
        bucket = BucketSync(public, LocalStore(copy, mkdir=True), uploaded(tec.folder))
        await bucket.sync()
        assert folder_of(copy / "trust") == folder_of(public / "trust") != {}
        before = (public / NEWEST_TRUST).read_bytes()
        await tec.stop()
        network.now[0] += timedelta(hours=1)
        network.trust.refresh(network.now[0])
        await tec.start().shows(0)
        await until(lambda: (public / NEWEST_TRUST).read_bytes() != before)
        await tec.stop()
        await bucket.sync()
        assert folder_of(copy / "trust") == folder_of(public / "trust")
        assert await bucket.sync() is None
        asked = ["tree", str(copy), "--trust", str(copy / "trust"), "--no-images"]
        audit = CliRunner().invoke(main, ["audit", *asked])
        failed = [line[:4] for line in audit.output.splitlines() if line.endswith("  FAIL")]
        assert failed == ["X011"], audit.output  # held by one publisher, where two make a quorum


def folder_of(path):
    return {file.name: file.read_bytes() for file in path.iterdir()}


async def test_a_timestamp_is_in_the_bucket_after_all_that_it_leads_to(
    center, tmp_path, monkeypatch
):
    for name in ("timestamp.json", "2.root.json", "2.targets.json", "2.snapshot.json"):
        center.tree.place(f"trust/{name}", name.encode())
    sent, real = [], obstore.put_async

    async def put(store, name, *args, **kwargs):
        sent.append(name)
        return await real(store, name, *args, **kwargs)

    monkeypatch.setattr(bucket_module.obstore, "put_async", put)
    await syncing(center, MemoryStore(), tmp_path).sync()
    at = sent.index("trust/timestamp.json")
    assert {key for key in sent if key.startswith("trust/")} == {
        key for key in sent[: at + 1] if key.startswith("trust/")
    }


async def test_a_store_that_lists_tags_without_quotes_is_not_sent_all_again(
    center, tmp_path, monkeypatch
):
    """Faults Z2: Azure answers a file with a quoted tag, and lists it bare."""
    store = MemoryStore()
    await syncing(center, store, tmp_path).sync()
    real = obstore.list

    async def bare(*args, **kwargs):
        for some in real(*args, **kwargs):
            yield [{**entry, "e_tag": f'W/"{entry["e_tag"]}"'} for entry in some]

    monkeypatch.setattr(bucket_module.obstore, "list", bare)
    again = syncing(center, store, tmp_path)
    assert await again.verify() == 0
    assert await again.sync() is None


NO_CREDENTIALS = [
    ("s3://bucket/p", "http://169.254.169.254/latest/api/token", "AWS_ACCESS_KEY_ID"),
    ("gs://bucket/p", "http://169.254.169.254/computeMetadata/v1", "GOOGLE_APPLICATION_CRED"),
    ("az://container/p", "http://169.254.169.254/metadata/identity", "AZURE_STORAGE_ACCOUNT_KEY"),
]


@pytest.mark.parametrize(("target", "asked", "variable"), NO_CREDENTIALS)
async def test_missing_credentials_are_named_in_one_line(
    target, asked, variable, center, tmp_path, monkeypatch
):
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "tec")
    said = f"Generic error: Error performing PUT {asked} in 2 s\n\nDebug source:\n{{}}"

    async def put(*_, **__):
        raise BaseError(said)

    monkeypatch.setattr(bucket_module.obstore, "put_async", put)
    with pytest.raises(BucketTrouble) as trouble:
        await syncing(center, store_at(target), tmp_path).sync()
    assert trouble.value.code is BucketCode.CREDENTIALS
    assert variable in str(trouble.value)
    assert "\n" not in str(trouble.value)


@pytest.mark.parametrize(
    "target",
    [
        "s3://AKIA:verysecret@bucket/p",
        "gs://x:verysecret@bucket",
        "https://tec.blob.core.windows.net/c/p?sv=2024&sig=verysecret",
        "az://c/p?token=verysecret",
    ],
)
def test_an_address_with_a_secret_in_it_is_refused_without_showing_it(target, center, tmp_path):
    asked = ["--data", str(center.tree.root.parent), "--to", target]
    told = CliRunner().invoke(sync, asked)
    assert told.exit_code == 2
    assert "M080" in told.output
    assert "verysecret" not in told.output


async def test_what_a_server_needs_beside_files_is_not_sent(center, tmp_path):
    root = center.tree.root
    center.tree.place("assets/a.js", b"let a;" * 2000)
    center.tree.compress(["assets/a.js"])
    assert (root / "assets/a.js.br").is_file()
    (root / "assets" / ".hidden").write_text("x")
    (root / "notes.txt").write_text("x")
    store = MemoryStore()
    await syncing(center, store, tmp_path).sync()
    names = names_in(store)
    assert "assets/a.js" in names
    assert not [name for name in names if name.endswith((".tmp", ".txt")) or "heads/" in name]
    assert not [name for name in names if name.startswith("live")]


UPLOADS = functions((obstore, "put_async"))
"""Each is met before a file is in the bucket; after it is before the next."""


def test_killed_at_any_file_a_reader_finds_the_old_cut_or_the_new(center, tmp_path):
    old = tmp_path / "old"
    shutil.copytree(center.tree.root, old, symlinks=True)
    center.next_cut()
    memory = new_folders(tmp_path)

    def begin():
        store, state = MemoryStore(), Uploaded(memory(), "t")
        asyncio.run(at_cut(old, 1, store, state))
        return store, state

    def send(begun, concurrency=1):
        asyncio.run(BucketSync(center.tree.root, *begun, concurrency=concurrency).sync())

    found = []
    for store, state in deaths(begin, send, UPLOADS):
        found.append(cut_read_from(store))
        state.close()
        again = Uploaded(state.path.parent, "t")
        send((store, again), 4)
        assert cut_read_from(store) == 2
        again.close()
    assert len(found) > 8
    assert set(found) == {1, 2}


def test_killed_at_any_file_the_bucket_is_ended_by_the_next_and_passes_an_audit(tmp_path):
    center = HonestCenter(tmp_path / "data" / "public")
    for _ in range(3):
        center.next_cut()
    verifier, at_cut_two = center.signer.verifier, tmp_path / "two"
    shutil.copytree(center.tree.root, at_cut_two, symlinks=True)
    center.next_cut()
    memory = new_folders(tmp_path)

    def begin():
        folder = memory()
        store = LocalStore(folder / "bucket", mkdir=True)
        state = Uploaded(folder, "t")
        asyncio.run(at_cut(at_cut_two, 2, store, state))
        return folder, store, state

    def send(begun):
        _, store, state = begun
        asyncio.run(BucketSync(center.tree.root, store, state, concurrency=1).sync())

    between = []
    for folder, store, state in deaths(begin, send, UPLOADS):
        state.close()
        between.append(failed(audited(folder / "bucket", verifier)))
        again = Uploaded(folder, "t")
        send((folder, store, again))
        again.close()
        ended = audited(folder / "bucket", verifier)
        assert (failed(ended), ended.cut) == (set(), 3)
    assert [seen for seen in between if seen] == [{"X016"}], "signed already, and not shown yet"


async def at_cut(root, cut, store, state):
    await BucketSync(root, store, state).sync()
    assert cut_read_from(store) == cut


async def test_a_reader_who_polls_a_folder_never_finds_a_mixture(center, tmp_path):
    store = LocalStore(tmp_path / "web", mkdir=True)
    bucket = syncing(center, store, tmp_path, concurrency=4)
    command = [sys.executable, reader_module.__file__, str(tmp_path / "web")]
    reading = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert reading.stdout.readline() == "ready\n"
        await bucket.sync()
        for _ in range(2):
            center.next_cut()
            await bucket.sync()
        output, _ = reading.communicate(timeout=20)
    finally:
        reading.kill()
    assert reading.returncode == 0
    assert int(output) >= 1


async def test_a_store_that_fails_leaves_the_old_cut_and_is_tried_again(
    center, tmp_path, monkeypatch
):
    store = MemoryStore()
    bucket = syncing(center, store, tmp_path)
    await bucket.sync()
    center.next_cut()
    failing_at = pack_path(max(center.tree.packs()))
    real = obstore.put_async

    async def failing(to, name, *args, **kwargs):
        if name == failing_at:
            raise obstore.exceptions.GenericError("503 Slow Down")
        return await real(to, name, *args, **kwargs)

    monkeypatch.setattr(bucket_module.obstore, "put_async", failing)
    with pytest.raises(BucketTrouble) as caught:
        await bucket.sync()
    assert caught.value.code is BucketCode.STORE
    assert failing_at in caught.value.detail
    assert where_path(2) not in names_in(store), "what leads into packs is sent after them"
    assert cut_read_from(store) == 1
    monkeypatch.undo()
    await bucket.sync()
    assert cut_read_from(store) == 2


async def test_a_damaged_object_is_not_sent(center, tmp_path):
    center.next_cut()
    manifest = wire.decode(center.tree.read("cuts/2.json"), wire.Manifest)
    path = center.tree.path(manifest.description.path)
    path.write_bytes(path.read_bytes().replace(b"1", b"2"))
    store = MemoryStore()
    with pytest.raises(BucketTrouble) as caught:
        await syncing(center, store, tmp_path).sync()
    assert caught.value.code is BucketCode.DAMAGED
    assert "current.json" not in names_in(store)


@pytest.mark.parametrize("damaged", [b"", b"\0" * 300, b"[]", b'{"cut":"1"}', b"[" * 60_000])
async def test_a_pointer_that_the_disk_damaged_is_told_and_not_sent(center, tmp_path, damaged):
    store = MemoryStore()
    bucket = syncing(center, store, tmp_path)
    await bucket.sync()
    center.next_cut()
    center.tree.path("live/current.json").write_bytes(damaged)
    with pytest.raises(BucketTrouble) as caught:
        await bucket.sync()
    assert caught.value.code is BucketCode.DAMAGED
    assert cut_read_from(store) == 1


async def test_a_cut_that_is_not_shown_is_not_sent(center, tmp_path):
    """What is its own may be on the disk already, and not verified."""
    for name in ("cuts/2.json", "cuts/2.where"):
        center.tree.place(name, b"not verified")
    store = MemoryStore()
    await syncing(center, store, tmp_path).sync()
    assert not {"cuts/2.json", "cuts/2.where"} & names_in(store)


async def test_a_file_that_the_mirror_mended_is_sent_again(center, tmp_path):
    store = MemoryStore()
    bucket = syncing(center, store, tmp_path)
    whole = center.tree.read("cuts/1.json")
    center.tree.path("cuts/1.json").write_bytes(b"damaged")
    await bucket.sync()
    center.tree.place("cuts/1.json", whole)
    center.next_cut()
    await bucket.sync()
    assert read(store, "cuts/1.json") == whole


async def test_results_that_were_written_anew_are_led_to_after_their_pack(
    center, tmp_path, monkeypatch
):
    """A publisher that starts again writes a new pack, and says where the same cut is in it."""
    store = MemoryStore()
    bucket = syncing(center, store, tmp_path)
    await bucket.sync()
    where, number = center.tree.where(1), center.tree.next_pack()
    shutil.copy(
        center.tree.path(pack_path(next(iter(where.roots.values())).pack)),
        center.tree.path(pack_path(number)),
    )
    roots = {
        contest: msgspec.structs.replace(at, pack=number) for contest, at in where.roots.items()
    }
    center.tree.place_where(Where(SCHEMA, 1, roots))
    center.next_cut()
    sent, real = [], obstore.put_async

    async def put(to, name, *args, **kwargs):
        sent.append(name)
        return await real(to, name, *args, **kwargs)

    monkeypatch.setattr(bucket_module.obstore, "put_async", put)
    await bucket.sync()
    leads = [name for name in sent if name.endswith(".where")]
    assert set(leads) == {where_path(1), where_path(2)}
    first = min(map(sent.index, leads))
    assert all(sent.index(name) < first for name in sent if name.startswith(("packs/", "tile/")))
    assert all(sent.index(name) > first for name in ("checkpoint", "current.json"))
    assert cut_read_from(store) == 2


async def test_before_the_first_cut_there_is_nothing_to_send(tmp_path):
    (tmp_path / "public").mkdir()
    bucket = BucketSync(tmp_path / "public", MemoryStore(), uploaded(tmp_path))
    with pytest.raises(BucketTrouble) as caught:
        await bucket.sync()
    assert caught.value.code is BucketCode.NO_CUT


@pytest.mark.parametrize("target", ["ftp://x/y", "s3://", "gs:/x:y://", "nonsense://a"])
def test_an_address_that_is_none_is_told(target):
    with pytest.raises(BucketTrouble) as caught:
        store_at(target)
    assert caught.value.code is BucketCode.TARGET


async def test_without_its_memory_all_is_sent_again_and_the_bucket_is_the_same(center, tmp_path):
    store = MemoryStore()
    first = await syncing(center, store, tmp_path).sync()
    shutil.rmtree(tmp_path / "data" / "sync")
    second = await syncing(center, store, tmp_path).sync()
    assert second == first
    assert cut_read_from(store) == 1


@pytest.fixture(scope="module")
def s3():
    """A server that speaks S3, in this process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket_at(s3, monkeypatch, request):
    """A new bucket, and credentials as an operator's environment has them."""
    name = "b" + hashlib.sha256(request.node.name.encode()).hexdigest()[:16]
    for key, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3,
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(key, value)
    import urllib.request

    urllib.request.urlopen(urllib.request.Request(f"{s3}/{name}", method="PUT")).close()
    return f"s3://{name}/prep/2024"


async def test_s3_keeps_headers_and_takes_only_news(center, tmp_path, bucket_at):
    store = store_at(bucket_at)
    assert isinstance(store, S3Store)
    bucket = syncing(center, store, tmp_path)
    await bucket.sync()
    assert cut_read_from(store) == 1
    expected = {
        "current.json": (FOR_A_MOMENT, "application/json"),
        "checkpoint": (FOR_A_MOMENT, "text/plain; charset=utf-8"),
        "cuts/1.json": (FOR_A_MINUTE, "application/json"),
        "cuts/1.where": (FOR_A_MOMENT, "application/json"),
        "packs/1.pack": (FOR_A_MINUTE, "application/octet-stream"),
    }
    kept = {name: obstore.get(store, name).attributes["Cache-Control"] for name in names_in(store)}
    assert kept == {name: caching_of(name) for name in kept}
    assert FOR_EVER in kept.values()
    for name, (caching, kind) in expected.items():
        attributes = obstore.get(store, name).attributes
        assert (attributes["Cache-Control"], attributes["Content-Type"]) == (caching, kind)
        assert "Content-Encoding" not in attributes
    assert await bucket.sync() is None
    assert await bucket.verify() == 0


async def test_what_s3_lost_or_others_changed_is_found_and_sent_again(center, tmp_path, bucket_at):
    store = store_at(bucket_at)
    bucket = syncing(center, store, tmp_path)
    await bucket.sync()
    obstore.delete(store, "cuts/0.json")
    whole = read(store, "cuts/1.json")
    obstore.put(store, "cuts/1.json", bytes(len(whole)))
    obstore.put(store, "current.json", b"{}")
    assert await bucket.verify() == 3
    report = await bucket.sync()
    assert report.files == 4  # the two, and the head
    assert read(store, "cuts/1.json") == whole
    assert cut_read_from(store) == 1
    assert await bucket.verify() == 0


async def test_packed_texts_say_so_and_what_is_read_by_range_stays(center, tmp_path, bucket_at):
    center.tree.place("assets/a.js", b"let a;" * 2000)
    center.tree.place("tile/entries/900", b"a leaf, " * 2000)
    store = store_at(bucket_at)
    bucket = syncing(center, store, tmp_path, packed=True)
    await bucket.sync()
    assert await bucket.verify() == 0
    for name in ("assets/a.js", "cuts/1.json", "current.json"):
        found = obstore.get(store, name)
        assert found.attributes["Content-Encoding"] == "gzip"
        assert gzip.decompress(bytes(found.bytes())) == center.tree.read(name)
    for name in ("packs/1.pack", "tile/entries/900"):
        found = obstore.get(store, name)
        assert "Content-Encoding" not in found.attributes
        assert bytes(found.bytes()) == center.tree.read(name)
    assert obstore.get_range(store, "tile/entries/900", start=8, length=8) == b"a leaf, "
    plain = syncing(center, store, tmp_path)
    await plain.sync()
    assert read(store, "cuts/1.json") == center.tree.read("cuts/1.json")


async def test_a_large_file_is_sent_in_parts(center, tmp_path, bucket_at, monkeypatch):
    monkeypatch.setattr(bucket_module, "LARGEST_AT_ONCE", 1024)
    data = bytes(range(256)) * 4 * 6 * 1024
    center.tree.place("databases/large.zip", data)
    store = store_at(bucket_at)
    bucket = syncing(center, store, tmp_path)
    await bucket.sync()
    assert read(store, "databases/large.zip") == data
    assert obstore.get(store, "databases/large.zip").attributes["Cache-Control"] == FOR_A_MINUTE
    assert await bucket.verify() == 0


def test_the_command_fills_a_folder_and_says_what_is_wrong(center, tmp_path):
    run = CliRunner().invoke
    data, web = str(tmp_path / "data"), str(tmp_path / "web")
    done = run(sync, ["--data", data, "--to", web, "--verify"])
    assert done.exit_code == 0, done.output
    assert cut_read_from(LocalStore(web)) == 1
    shutil.rmtree(tmp_path / "data" / "public")
    failed = run(sync, ["--data", data, "--to", web])
    assert failed.exit_code == 2
    assert "M082" in failed.output


async def test_watching_sends_each_cut_and_outlives_trouble(center, tmp_path, monkeypatch):
    from openprep.bucket.run import follow_tree

    store = MemoryStore()
    bucket = syncing(center, store, tmp_path)
    trouble = [BucketTrouble(BucketCode.STORE, "away")]
    real = bucket.sync

    async def sometimes():
        if trouble:
            raise trouble.pop()
        return await real()

    monkeypatch.setattr(bucket, "sync", sometimes)
    watching = asyncio.create_task(follow_tree(bucket, 0.01, verify=True))
    for cut in (1, 2, 3):
        async with asyncio.timeout(10):
            while cut_read_from(store) != cut:
                await asyncio.sleep(0.01)
        if cut < 3:
            center.next_cut()
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


async def test_an_image_that_comes_after_its_cut_follows_it_into_the_bucket(center, tmp_path):
    store = MemoryStore()
    bucket = syncing(center, store, tmp_path)
    await bucket.sync()
    assert await bucket.sync() is None
    path, picture = image_path(digest_of(jpeg(1))), jpeg(1)
    center.tree.place(path, picture)
    report = await bucket.sync()
    assert (report.cut, report.files, report.sent_bytes) == (1, 1, len(picture))
    assert read(store, path) == picture
    assert await bucket.sync() is None


async def test_an_image_that_the_disk_damaged_is_not_copied(center, tmp_path):
    center.tree.place(image_path(digest_of(jpeg(1))), jpeg(2))
    with pytest.raises(BucketTrouble) as trouble:
        await syncing(center, MemoryStore(), tmp_path).sync()
    assert trouble.value.code is BucketCode.DAMAGED
