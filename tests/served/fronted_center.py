"""A real centre behind a real nginx with TLS, both of them processes, and who comes to it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openprep.ceremony.enrolment import Changes, from_enrolled
from openprep.cuts.signing_key import load_signer, make_key
from openprep.distribution.front import Front, whole_configuration
from openprep.drill.processes import Crew
from openprep.election import Acta, Election
from openprep.election.declared.folder import load_election
from openprep.hosting.nginx.parts import Certificate
from openprep.mirror.trust.membership import Member, Membership
from openprep.record.facts import ActaReported, encode_fact
from openprep.transmission.keys import Enrolled, make_station_key, public_half
from served.certificates import certificate
from served.tree import free_port, own_process, running_nginx, wait_for
from small.trust import SmallTrust

PUEBLA = Path(__file__).parents[2] / "elections/puebla-2019"


def open_now(folder: Path) -> Election:
    """An election that opened five minutes ago, in ``folder``."""
    opens = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    shutil.copytree(PUEBLA, folder)
    declared = folder / "election.toml"
    text = declared.read_text()
    for key, at in (("opens", opens), ("closes", opens + timedelta(hours=24))):
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {at.isoformat()}", text)
    declared.write_text(text)
    return load_election(folder)


@dataclass
class Fronted:
    """``port`` is nginx's; ``front`` what it was configured by."""

    folder: Path
    election: Election
    trust: SmallTrust
    port: int
    front: Front
    crew: Crew

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        return self.folder / "center"

    def fact(self, number: int, image: str | None = None) -> bytes:
        """A line that reports the acta of that number in the catalogue."""
        contest = self.election.contests["GUB"]
        votes = (1,) * len(contest.columns)
        names = list(self.election.expected["GUB"])
        cast = len(votes)
        acta = Acta("GUB", names[number], votes, 0, cast, 0, cast, cast, image_sha256=image)
        return encode_fact(ActaReported(acta)) + b"\n"

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        """A command of somebody who believes the centre's own certificate."""
        program = [sys.executable, "-m", "openprep", *map(str, words)]
        return subprocess.run(program, capture_output=True, text=True, check=False, timeout=120)

    def send(
        self, lines: Iterable[bytes], *more: object, url: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`station send` through nginx."""
        file = self.folder / "lines.jsonl"
        file.write_bytes(b"".join(lines))
        return self.run(
            *("station", "send", "--election", self.election.id, "--station", "D01"),
            *("--key", self.folder / "keys/D01.key", "--outbox", self.folder / "D01.outbox"),
            *("--center", url or self.url, *more, file),
        )


@contextmanager
def fronted_center(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fronted]:
    """`center run` and `center serve` behind nginx, a station and a publisher enrolled."""
    election = open_now(folder / "election")
    data, ports = folder / "center", [free_port() for _ in range(4)]
    make_key(data / "center.key")
    key = make_station_key(folder / "keys/D01.key")
    stations = [Enrolled("D01", "CATD", public_half(key), reports=("*",))]
    now = datetime.now(UTC).replace(microsecond=0)
    trust = SmallTrust(
        data / "public/trust",
        election=election,
        log=load_signer(data / "center.key", election.id),
        now=now,
        expires=now + timedelta(days=9),
    )
    member = Member(election.id, election.drill, "tec", "TEC", ("https://prep.tec.example",))
    asked = Membership(folder / "tec").init(member, now)
    trust.version(Changes(requests=[asked], stations=from_enrolled(stations), quorum=1))
    pem = certificate(folder, now + timedelta(days=30))
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    inbox, tree, service, tls = ports
    front = Front(
        "127.0.0.1",
        Certificate(pem, pem),
        (f"127.0.0.1:{tls}",),
        inbox=f"127.0.0.1:{inbox}",
        service=f"127.0.0.1:{service}",
        log=str(folder / "nginx"),
    )
    (folder / "nginx").mkdir()
    crew = Crew(folder / "logs")
    both = ("--data", data, "--front", "127.0.0.1")
    ports_of_run = ("--inbox-port", str(inbox), "--tree-port", str(tree), "--without-page")
    crew.start("run", ["center", "run", "--election", folder / "election", *ports_of_run, *both])
    names = ("--port", str(service), "--authority", *front.authorities)
    crew.start("serve", ["center", "serve", *names, *both])
    try:
        wait_for(inbox, 60)
        wait_for(service, 60)
        configuration = whole_configuration(front, own_process(folder / "nginx"))
        with running_nginx(configuration, folder / "nginx", tls):
            yield Fronted(folder, election, trust, tls, front, crew)
        crew.check()
    finally:
        crew.stop()
