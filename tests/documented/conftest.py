"""One night that the pages share: ceremony, centre, a station, two publishers, all by the pages."""

import lzma
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from documented.blocks import (
    CAPTURE,
    CENTER,
    CEREMONY,
    MIRROR,
    REPOSITORY,
    STATION,
    block,
    blocks_of,
)
from documented.reader import NUMBER, Address, Digest, Folder, Moment, Person, Port, Reader
from small.image import digest_of, jpeg
from small.publishers import free_port

KEYS = [block(CEREMONY, f"--name {who} ") for who in ("auditor", "authority", "notary")]
READY = block(CEREMONY, "openprep ceremony check")
CENTER_KEYS = block(CEREMONY, "openprep center init")
STATION_KEY = block(STATION, "openprep station init")
PLACES = block(CAPTURE, "openprep station init")
REQUEST = block(MIRROR, "openprep mirror init")
START = block(CEREMONY, "openprep ceremony start --election")
SHOW = block(CEREMONY, "openprep ceremony show")
AUDITOR_SIGNS = block(CEREMONY, "--key auditor.key")
NOTARY_SIGNS = block(CEREMONY, "--key notary.key")
FINISH = block(CEREMONY, "openprep ceremony finish")
SELF_TEST = block(CENTER, "openprep center self-test")
RUN = block(CENTER, "openprep center run")
SERVE = block(CENTER, "openprep center serve")
JOIN = block(MIRROR, "openprep mirror join")
PUBLISHER_SELF_TEST = block(MIRROR, "openprep mirror self-test")
FOLLOW = block(MIRROR, "openprep mirror run")
SEND = block(STATION, "openprep station send")


@dataclass
class Night:
    """Where the pages' commands ran. ``reader`` is everybody but the second publisher."""

    reader: Reader
    second: Reader
    opens: datetime
    passphrases: dict
    said: dict
    image: bytes

    def moment(self, **after: Any) -> str:
        """A time after the opening, as a page writes it."""
        at = self.opens + timedelta(**after)
        return at.astimezone().replace(microsecond=0).isoformat()


def _moments(opens: datetime) -> list[Moment]:
    """The pages' dates, as far from this opening as they are from theirs."""
    written = {
        found
        for page in (CEREMONY, CAPTURE)
        for block in blocks_of(page)
        for found in re.findall(Moment.form, block.text)
    }
    planned = datetime.fromisoformat("2027-06-06T20:00:00-06:00")
    return [
        Moment(moment, (opens + (datetime.fromisoformat(moment) - planned)).isoformat())
        for moment in sorted(written)
    ]


def _declare(place: Path, opens: datetime) -> None:
    """The folder of the election that the pages speak of: a district of Puebla 2019, soon."""
    folder = Path(shutil.copytree(REPOSITORY / "elections/puebla-2019", place / "puebla-2027"))
    declared = folder / "election.toml"
    text = declared.read_text().replace('"puebla-2019"', '"puebla-2027"')
    changes = {
        "opens": opens.isoformat(),
        "closes": (opens + timedelta(hours=24)).isoformat(),
        "live_seconds": "1",
        "database_minutes": "1",
    }
    for key, value in changes.items():
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", text)
    text = text[: text.rindex("[[contest]]")]
    declared.write_text(text)
    shutil.rmtree(folder / "contests/AYUN")
    catalogue = folder / "contests/GUB/catalogue.csv.xz"
    rows = lzma.decompress(catalogue.read_bytes()).decode().splitlines(keepends=True)
    kept = [row for row in rows if row.split(",")[1] in ("area", "000", "001")]
    catalogue.with_suffix("").write_text("".join(kept))
    catalogue.unlink()
    areas = folder / "areas.csv"
    rows = areas.read_text().splitlines(keepends=True)
    areas.write_text("".join(row for row in rows if row.split(",")[1] in ("path", "000", "001")))


def _write_actas(reader: Reader, image: bytes) -> None:
    """What the station's capture leaves: the examples of the envelope's page, of this evening."""
    (reader.place / "images").mkdir()
    (reader.place / "images/acta.jpg").write_bytes(image)
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    lines = [
        block.text for block in blocks_of("docs/formats/envelope.md") if '"fact"' in block.text
    ]
    first = re.search(r'"image_sha256":"(\w+)"', lines[0])[1]
    text = Reader(reader.place, (Digest(first, digest_of(image)),)).here("".join(lines[:3]))
    (reader.place / "actas.jsonl").write_text(re.sub(Moment.form, now, text))


@pytest.fixture(scope="module")
def night() -> Iterator[Night]:
    place = Path(tempfile.mkdtemp(prefix="documented-"))
    place.chmod(0o755)  # the workers of an nginx that root starts are somebody else
    opens = (datetime.now(UTC) + timedelta(seconds=25)).replace(microsecond=0)
    ports = {name: free_port() for name in ("inbox", "tree", "serve", "tec", "unam", "own")}
    here = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
    (place / "mnt").mkdir()
    instead = (
        Address("https://inbox.example.mx", f"http://{here['inbox']}"),
        Address("https://prep.example.mx", f"http://{here['tree']}"),
        Address("https://difusion.example.mx", f"http://{here['serve']}"),
        Address("difusion.example.mx", here["serve"]),
        Address("https://prep.tec.example", f"http://{here['tec']}"),
        Port("8010", str(ports["inbox"])),
        Port("8011", str(ports["tree"])),
        Port("8012", str(ports["serve"])),
        Port("8020", str(ports["tec"])),
        Port("8030", str(ports["own"])),
        Port("8040", str(free_port())),
        Port("8080", str(free_port())),
        Port("80", str(free_port())),
        Folder("/srv", str(place / "srv")),
        Folder("/mnt", str(place / "mnt")),
        Folder("/etc/nginx", str(place / "etc-nginx")),
        Folder("/etc/ssl", str(place / "etc-ssl")),
        *_moments(opens),
    )
    reader = Reader(place, instead)
    others = {"https://prep.tec.example": f"http://{here['unam']}", "8020": str(ports["unam"])}
    elsewhere = [replace(known, here=others.get(known.written, known.here)) for known in instead]
    away = Folder("/srv", str(place / "unam"))
    second = Reader(
        place,
        (*[known for known in elsewhere if known.written != "/srv"], away, Person("tec", "unam")),
    )
    night = Night(reader, second, opens, {}, {}, jpeg(3, (600, 800)))
    _declare(place, opens)
    try:
        _hold_the_ceremony(night)
        _begin(night)
        yield night
    finally:
        second.stop_all()
        reader.stop_all()
        shutil.rmtree(place)


def _hold_the_ceremony(night: Night) -> None:
    reader = night.reader
    assert "is ready" in reader.run(READY).stdout
    for key, who in zip(KEYS, ("auditor", "authority", "notary"), strict=True):
        told = reader.run(key).stderr
        night.passphrases[who] = re.search(r"passphrase, shown this once: (.*)", told)[1]
    reader.run(CENTER_KEYS)
    reader.run(STATION_KEY)
    reader.run(PLACES)
    requests = [person.run(REQUEST) for person in (reader, night.second)]
    started = reader.run(START).stdout
    for asked in requests:
        assert NUMBER.search(asked.stderr)[0] in started
    shown = reader.run(SHOW).stdout
    number = NUMBER.search(shown[shown.index("number to be spoken") :])[0]
    reader.run(AUDITOR_SIGNS, typed=f"{night.passphrases['auditor']}\n{number}\n")
    reader.run(NOTARY_SIGNS, typed=f"{night.passphrases['notary']}\n{number}\n")
    night.said["finish"] = reader.run(FINISH).stdout


def _begin(night: Night) -> None:
    reader, second = night.reader, night.second
    night.said["self-test"] = reader.run(SELF_TEST)
    reader.start(RUN)
    reader.start(SERVE)
    reader.wait_for("https://difusion.example.mx/trust/1.root.json")
    number = NUMBER.search(night.said["finish"])[0]
    for person in (reader, second):
        person.run(JOIN, typed=f"{number}\n")
    night.said["publisher self-test"] = reader.run(PUBLISHER_SELF_TEST)
    for person in (reader, second):
        person.start(FOLLOW)
    _write_actas(reader, night.image)
    night.said["send"] = reader.run(SEND).stdout
