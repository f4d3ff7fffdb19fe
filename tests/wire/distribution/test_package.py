"""Sealed packages: opened by anyone's age, zstd and tar; what each hostile one comes to."""

import base64
import io
import os
import subprocess
import tarfile
import tracemalloc

import msgspec
import pyrage
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from openprep.wire.distribution import package
from openprep.wire.distribution.codes import DistributionCode
from openprep.wire.distribution.package import (
    LABEL,
    Member,
    PackageLabel,
    PackageLimits,
    PackageRefused,
    seal,
    unseal,
    write_package,
)

IDENTITY = pyrage.x25519.Identity.generate()
OTHER = pyrage.x25519.Identity.generate()
PASSPHRASE_SEALED = base64.b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCByeTZwdFlNUHVPWTljck0xcGcwSGFnIDE5ClRw"
    "NGkvMGFGNkZZZkdjeGNTLzJzelJRRUI5Q2lQY0pra1RKWTZFbEcxUFUKLS0tIC9WR0RPb284SEMwTG1w"
    "NFgvZUVjV1k5MzBod0NDSjZEWlpoYW5jT2ZZT3cK4i3ISRnudp9J0qL5MVRhMgD5HI0u90rY+wLfNoRK"
    "lzJQ"
)
"""What ``age -p`` makes: sealed by a word, to nobody in particular."""

WHAT = PackageLabel(schema=2, election="chica-2024", drill=False, after=4, to=6)
FILES = {
    "cuts/6.note": b"a note",
    "cuts/6.json": b"{}",
    "cuts/5.note": b"",
    "tile/entries/000.p/17": b"entries",
    "tile/entries/x001/067": bytes(range(256)) * 700,
    "objects/ab/" + "ab" * 32 + ".json": b"o" * 8192,
    "databases/20240603_2000_PREP_AYUN_CHI.zip": b"x" * 512,
    "trust/3.root.json": b"root",
    "trust/targets/ab.publishers.json": b"targets",
    "checkpoint": b"a checkpoint",
    "current.json": b"a pointer",
}


class Kept:
    """A sink in memory."""

    def __init__(self):
        self.files = {}

    def begin(self, path, size):
        self.path, self.size = path, size
        self.files[path] = b""

    def write(self, data):
        self.files[self.path] += data

    def end(self):
        assert len(self.files[self.path]) == self.size


def compressed(files=FILES, label=WHAT):
    out = io.BytesIO()
    members = [Member(path, len(data), io.BytesIO(data)) for path, data in files.items()]
    write_package(label, members, out)
    return out.getvalue()


def sealed(plain, identity=IDENTITY):
    out = io.BytesIO()
    seal(io.BytesIO(plain), out, str(identity.to_public()))
    return out.getvalue()


def opened(data, identity=IDENTITY, limits=None):
    kept = Kept()
    return unseal(io.BytesIO(data), str(identity), kept, limits), kept.files


def refusal(data, identity=IDENTITY, limits=None):
    with pytest.raises(PackageRefused) as refused:
        opened(data, identity, limits)
    return refused.value


def packed(tar):
    return sealed(zstandard.compress(tar))


def label_member(archive, data=None):
    data = msgspec.json.encode(WHAT) if data is None else data
    info = tarfile.TarInfo(LABEL)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


def hostile(*members, form=tarfile.USTAR_FORMAT):
    """A package made with the library's own writer, which refuses nothing."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        label_member(archive)
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return packed(out.getvalue())


def member(path, data=b"x", **changes):
    info = tarfile.TarInfo(path)
    info.size = len(data)
    for name, value in changes.items():
        setattr(info, name, value)
    return info, data


def test_what_was_packed_comes_out_in_order():
    label, files = opened(sealed(compressed()))
    assert label == WHAT
    assert files == FILES
    assert list(files) == list(FILES)


def test_the_standard_commands_open_it(tmp_path):
    (tmp_path / "key").write_text(f"{IDENTITY}\n")
    (tmp_path / "p.tar.zst.age").write_bytes(sealed(compressed()))
    script = "for what in x t; do age -d -i key p.tar.zst.age | zstd -d | tar $what; done"
    listed = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script], cwd=tmp_path, check=True, capture_output=True
    )
    assert listed.stdout.decode().split() == [LABEL, *FILES]
    assert {path: (tmp_path / path).read_bytes() for path in FILES} == FILES
    assert msgspec.json.decode((tmp_path / LABEL).read_bytes(), type=PackageLabel) == WHAT


def test_what_the_standard_commands_made_is_taken(tmp_path):
    """A package may come on a USB stick from whoever has the tree."""
    for path, data in {LABEL: msgspec.json.encode(WHAT), **FILES}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    names = " ".join([LABEL, *FILES])
    recipient = IDENTITY.to_public()
    script = f"tar c --format=ustar {names} | zstd | age -r {recipient} > p.age"
    subprocess.run(["bash", "-o", "pipefail", "-c", script], cwd=tmp_path, check=True)
    assert opened((tmp_path / "p.age").read_bytes()) == (WHAT, FILES)


def test_each_sealing_has_a_file_key_of_its_own():
    plain = compressed()
    one, two = sealed(plain), sealed(plain)
    assert one != two
    assert one[-1000:] != two[-1000:]
    assert compressed() == plain


def test_another_publishers_package_is_refused():
    assert refusal(sealed(compressed()), OTHER).code is DistributionCode.UNSEALING


def test_an_altered_byte_anywhere_is_refused():
    data = sealed(compressed())
    step = max(1, len(data) // 150)
    for at in [*range(0, 250, 7), *range(250, len(data), step), len(data) - 1]:
        altered = bytearray(data)
        altered[at] ^= 1
        assert refusal(bytes(altered)).code is DistributionCode.UNSEALING, at


def test_a_package_cut_short_or_lengthened_is_refused():
    data = sealed(compressed({**FILES, "cuts/5.note": os.urandom(200_000)}))
    for size in (0, 10, 200, 70_000, len(data) - 1):
        assert refusal(data[:size]).code is DistributionCode.UNSEALING
    assert refusal(data + b"more").code is DistributionCode.UNSEALING


def test_a_package_for_a_passphrase_or_a_recipient_that_is_none_is_refused():
    assert refusal(PASSPHRASE_SEALED).code is DistributionCode.UNSEALING
    with pytest.raises(PackageRefused) as refused:
        seal(io.BytesIO(b""), io.BytesIO(), "age1nobody")
    assert refused.value.code is DistributionCode.SEALING


STANZA = b"-> X25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" + b"A" * 43 + b"\n"
MAC = b"--- " + b"A" * 43 + b"\n"
VERSION = b"age-encryption.org/v1\n"


@pytest.mark.parametrize(
    "sealed",
    [
        VERSION + STANZA * 16_000 + MAC,
        VERSION + STANZA * 5 + MAC,
        VERSION + b"-> a\n\n" * 5 + MAC,
        VERSION + b"-> X25519 " + b"A" * 5000 + b"\n\n" + MAC,
        VERSION + b"-> a\n" + (b"A" * 64 + b"\n") * 5000 + b"\n" + MAC,
        VERSION + STANZA + b"--- " + b"A" * 1_000_000,
        VERSION + STANZA + b"--- AAAA\n" + STANZA * 16_000 + MAC,
        VERSION + STANZA + b"--- " + b"A" * 43 + b" \n" + MAC,
        VERSION + MAC,
        VERSION + b"-> \n\n" + MAC,
        VERSION + b"->\n" * 10_000,
        VERSION + b"-> a\nAA=\n" + MAC,
        VERSION.replace(b"v1", b"v2") + STANZA + MAC,
        b"-----BEGIN AGE ENCRYPTED FILE-----\n" + STANZA * 100,
        b"",
        VERSION,
        STANZA,
    ],
    ids=range(17),
)
def test_a_header_of_another_shape_than_one_recipients_is_never_given_to_age(sealed, monkeypatch):
    monkeypatch.setattr(pyrage, "decrypt_io", None)
    stream = io.BytesIO(sealed + bytes(1_000_000))
    with pytest.raises(PackageRefused) as refused:
        unseal(stream, str(IDENTITY), Kept())
    assert refused.value.code is DistributionCode.UNSEALING
    assert stream.tell() <= 4096


class Trickle(io.BytesIO):
    """Gives one byte at a time, as a line may."""

    def read(self, size=-1):
        return super().read(min(size, 1))


def test_a_package_that_comes_byte_by_byte_is_opened():
    kept = Kept()
    assert unseal(Trickle(sealed(compressed())), str(IDENTITY), kept) == WHAT
    assert kept.files == FILES


def test_each_cause_why_a_package_does_not_open_is_told_as_itself():
    data = sealed(compressed())
    assert "it is sealed to another key" in refusal(data, OTHER).detail
    assert "altered or cut short" in refusal(data[:-1]).detail
    assert refusal(data[:100]).detail == "it ends within its header"
    assert refusal(b"PK\x03\x04").detail == "it is no age file"


@pytest.mark.parametrize(
    "path",
    [
        "../escape.json",
        "cuts/../../etc/passwd",
        "/etc/passwd",
        "cuts//6.json",
        "./cuts/6.json",
        "cuts/6.json/",
        "cuts\\6.json",
        "cuts/6.json\n",
        "cuts/6.exe",
        "objects/aa/" + "a" * 64,
        "assets/../x",
        "assets/.hidden",
        "trust/..",
        "trust/targets/..",
        "trust/targets",
        "tile/entries/x01/067",
        "index.html",
        ".",
        "package.json",
        "live/current.json",
        "cuts/6.jsón",
    ],
)
def test_a_path_that_a_tree_does_not_have_is_refused(path):
    assert refusal(hostile(member(path))).code in {
        DistributionCode.FOREIGN_MEMBER,
        DistributionCode.ARCHIVE,
    }


@pytest.mark.parametrize(
    "path",
    [
        "packs/1.pack",
        "cuts/6.pack",
        "cuts/6.where",
        "cuts/6.html",
        "assets/index-Ab12.js",
        "actas/" + "ab" * 32 + ".jpg",
        "tile/0/000",
        "tile/7/000.p/1",
    ],
)
def test_what_a_publisher_makes_itself_or_has_from_elsewhere_is_no_member(path):
    assert refusal(hostile(member(path))).code is DistributionCode.FOREIGN_MEMBER


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
        tarfile.DIRTYPE,
        tarfile.CONTTYPE,
        tarfile.GNUTYPE_SPARSE,
        b"Z",
    ],
)
def test_links_devices_folders_and_the_like_are_refused(kind):
    link = member("cuts/6.json", b"", type=kind, linkname="../../etc/passwd")
    assert refusal(hostile(link)).code is DistributionCode.FOREIGN_MEMBER


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_extensions_that_rename_a_member_are_refused(form):
    long = member("cuts/" + "6" * 300 + ".json")
    assert refusal(hostile(long, form=form)).code is DistributionCode.FOREIGN_MEMBER


def test_a_prefix_field_cannot_smuggle_a_path():
    info, data = member("cuts/6.json")
    block = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    block[345:347] = b".."
    block[148:156] = b" " * 8
    block[148:155] = b"%06o\0" % sum(block)
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        label_member(archive)
    head = tar.getvalue()[:1024]
    whole = head + bytes(block) + data.ljust(512, b"\0") + bytes(1024)
    found = refusal(packed(whole))
    assert found.code is DistributionCode.FOREIGN_MEMBER
    assert "../cuts" in found.detail


def test_a_member_that_comes_twice_is_refused():
    again = member("cuts/6.json", b"1"), member("cuts/6.json", b"2")
    assert refusal(hostile(*again)).code is DistributionCode.FOREIGN_MEMBER


def test_a_bomb_is_met_without_its_weight_in_memory():
    compressor = zstandard.ZstdCompressor(level=3).compressobj()
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        label_member(archive)
    head = tar.getvalue()[:1024] + member("cuts/6.note", b"", size=1 << 29)[0].tobuf()
    bomb = compressor.compress(head)
    for _ in range(600):
        bomb += compressor.compress(bytes(1 << 20))
    bomb = sealed(bomb + compressor.flush())
    assert len(bomb) < 100_000

    class Counting(Kept):
        def begin(self, path, size):
            """Nothing is kept."""

        def write(self, data):
            """Nothing is kept."""

    tracemalloc.start()
    with pytest.raises(PackageRefused) as refused:
        unseal(io.BytesIO(bomb), str(IDENTITY), Counting(), PackageLimits(total_bytes=500 << 20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.value.code is DistributionCode.EXPANSION
    assert peak < 8 << 20


def test_a_window_that_asks_for_too_much_memory_is_refused():
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    out = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    data = out.compress(os.urandom(1000)) + out.flush()
    assert refusal(sealed(data)).code is DistributionCode.COMPRESSION


@pytest.mark.parametrize(
    "limits",
    [
        PackageLimits(total_bytes=100_000),
        PackageLimits(member_bytes=100_000),
        PackageLimits(members=10),
    ],
)
def test_more_than_a_package_may_hold_is_refused(limits):
    assert refusal(sealed(compressed()), limits=limits).code is DistributionCode.EXPANSION


@pytest.mark.parametrize("size", [-1, -(2**40), 2**60])
def test_a_size_that_is_none_is_refused(size):
    info, _ = member("cuts/6.json")
    info.size = size
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        label_member(archive)
    block = info.tobuf(tarfile.GNU_FORMAT)
    found = refusal(packed(tar.getvalue()[:1024] + block + bytes(2048)))
    assert found.code is DistributionCode.EXPANSION


@pytest.mark.parametrize(
    ("plain", "code"),
    [
        (b"", DistributionCode.ARCHIVE),
        (b"not zstd at all", DistributionCode.COMPRESSION),
        (zstandard.compress(b""), DistributionCode.ARCHIVE),
        (zstandard.compress(b"x" * 512), DistributionCode.ARCHIVE),
        (zstandard.compress(bytes(1024)), DistributionCode.ARCHIVE),
        (compressed()[:-20], DistributionCode.ARCHIVE),
        (compressed() + b"more", DistributionCode.COMPRESSION),
    ],
)
def test_what_is_no_package_inside_is_refused(plain, code):
    assert refusal(sealed(plain)).code is code


def test_a_tar_cut_anywhere_or_followed_by_something_is_refused():
    tar = zstandard.ZstdDecompressor().decompressobj().decompress(compressed())
    for size in range(0, len(tar) - 1024, 1777):
        assert refusal(packed(tar[:size])).code is DistributionCode.ARCHIVE, size
    assert refusal(packed(tar + b"more")).code is DistributionCode.ARCHIVE


@pytest.mark.parametrize(
    "label",
    [
        b"",
        b"[" * 4000,
        b'{"schema":2}',
        b'{"\xff":1}',
        b"[" * 4096,
        b'{"schema":1,"election":"x","drill":false,"after":null,"to":1}',
        b'{"schema":3,"election":"x","drill":false,"after":null,"to":1}',
        b"x" * 5000,
    ],
)
def test_a_package_that_does_not_say_what_it_is_is_refused(label):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        label_member(archive, label)
    assert refusal(packed(out.getvalue())).code is DistributionCode.LABEL


@given(st.data())
def test_whatever_is_written_into_a_tar_is_taken_or_refused_with_a_code(data):
    """Headers with a right checksum get further than those without."""
    tar = bytearray(zstandard.ZstdDecompressor().decompressobj().decompress(compressed()))
    at = data.draw(st.integers(0, 2047))
    tar[at : at + 8] = data.draw(st.binary(min_size=8, max_size=8))
    for start in (0, 1024):
        header = bytearray(tar[start : start + 512])
        header[148:156] = b" " * 8
        header[148:155] = b"%06o\0" % sum(header)
        tar[start : start + 512] = header
    try:
        _, files = opened(packed(bytes(tar)))
    except PackageRefused:
        return
    assert all(package.TREE_PATH.fullmatch(path) or path in package.HEADS for path in files)


def test_a_package_without_label_is_refused():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info, data = member("cuts/6.json")
        archive.addfile(info, io.BytesIO(data))
    assert refusal(packed(out.getvalue())).code is DistributionCode.LABEL


@pytest.mark.parametrize("step", ["begin", "write", "end"])
def test_a_full_disk_reaches_the_caller_as_it_is(monkeypatch, step):
    full = OSError(28, "No space left on device")

    def fail(*_):
        raise full

    monkeypatch.setattr(Kept, step, fail)
    with pytest.raises(OSError, match="No space") as raised:
        opened(sealed(compressed()))
    assert raised.value is full


def test_a_full_disk_while_sealing_reaches_the_caller_as_it_is():
    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        seal(io.BytesIO(bytes(300_000)), Full(), str(IDENTITY.to_public()))


def test_a_file_that_shrinks_or_has_no_place_is_not_packed():
    for member in (Member("cuts/1.note", 10, io.BytesIO(b"short")), Member("x", 0, io.BytesIO())):
        with pytest.raises(PackageRefused) as refused:
            write_package(WHAT, [member], io.BytesIO())
        assert refused.value.code is DistributionCode.FOREIGN_MEMBER


def test_paths_of_a_tree_have_no_path_that_is_a_folder_of_another():
    for path in FILES:
        for end in range(1, path.count("/") + 1):
            assert not package.TREE_PATH.fullmatch("/".join(path.split("/")[:end]))
