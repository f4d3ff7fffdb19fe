"""What a demo publishes with: a centre, its distribution service and one publisher.

They are real processes on one machine, enrolled in a ceremony of a process's own.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from openprep.cuts.signing_key import load_signer, make_key
from openprep.drill.demo.ceremony import Attendance, hold_ceremony
from openprep.drill.processes import Crew
from openprep.election import Election
from openprep.mirror.trust.membership import Member, Membership
from openprep.pages.kit import BUILT_PAGE
from openprep.transmission.keys import Enrolled
from openprep.wire.release import RELEASE_PATH
from openprep.wire.trust import fingerprint

LEAD = timedelta(minutes=20)
"""All is there this long before the opening."""


@dataclass(frozen=True)
class Ports:
    """Where a demo listens, on the loopback address only."""

    inbox: int = 8010
    tree: int = 8011
    distribution: int = 8012
    mirror: int = 8020
    desks: int = 8040


@dataclass(frozen=True)
class Network:
    """The network of the election in ``election_folder``, with all that it keeps in ``folder``.

    Without ``clock`` it goes by the machine's time.
    """

    folder: Path
    election: Election
    election_folder: Path
    ports: Ports
    clock: Path | None = None

    @property
    def inbox(self) -> str:
        """Address of the centre's inbox."""
        return f"http://127.0.0.1:{self.ports.inbox}"

    @property
    def page(self) -> str:
        """Address of the publisher's page."""
        return f"http://127.0.0.1:{self.ports.mirror}/"

    @property
    def mirrored(self) -> Path:
        """The publisher's verified tree."""
        return self.folder / "mirror" / "public"

    def enrol(self, stations: list[Enrolled]) -> None:
        """Enrol the stations and the publisher, and have the publisher join; once."""
        if not self._log_key.is_file():
            make_key(self._log_key)
        now = self.election.window.opens - LEAD - timedelta(days=1)
        membership = Membership(self.folder / "mirror")
        if not (self.folder / "mirror" / "member.json").is_file():
            election = self.election
            member = Member(election.id, election.drill, "difusor-1", "Difusor uno", (self.page,))
            membership.init(member, now)
        request, _ = membership.request(now)
        log = load_signer(self._log_key, self.election.id).verifier
        root = hold_ceremony(
            self.election,
            Attendance(log, stations, [request]),
            self.folder / "center" / "public" / "trust",
            self._online_key,
            now,
        )
        membership.join(self._distribution, root, fingerprint(root))

    @property
    def _log_key(self) -> Path:
        return self.folder / "center" / "center.key"

    @property
    def _online_key(self) -> Path:
        return self.folder / "center" / "online.key"

    @property
    def _distribution(self) -> str:
        return f"http://127.0.0.1:{self.ports.distribution}"

    def start_center(self, crew: Crew, live_seconds: float) -> None:
        """Start the centre and its distribution service."""
        crew.start(
            "center",
            [
                *("center", "run", "--election", self.election_folder),
                *("--data", self.folder / "center"),
                *("--inbox-port", str(self.ports.inbox), "--tree-port", str(self.ports.tree)),
                *("--live-seconds", str(live_seconds), *self._by_clock(), *_with_page()),
            ],
        )
        crew.start(
            "distribution",
            [
                *("center", "serve", "--data", self.folder / "center"),
                *("--port", str(self.ports.distribution)),
                *("--authority", f"127.0.0.1:{self.ports.distribution}"),
                *("--online-key", self._online_key, "--timestamp-hours", "336"),
                *self._by_clock(),
            ],
        )

    def start_mirror(self, crew: Crew) -> None:
        """Start the publisher."""
        crew.start(
            "mirror",
            [
                *("mirror", "run", "--data", self.folder / "mirror"),
                *("--port", str(self.ports.mirror), *self._by_clock(), *_with_page()),
            ],
        )

    def _by_clock(self) -> tuple[str | Path, ...]:
        return () if self.clock is None else ("--replay-clock", self.clock)


def _with_page() -> tuple[str, ...]:
    """Nothing, or what lets centre and publisher go on where the page is not built."""
    return () if (BUILT_PAGE / RELEASE_PATH).is_file() else ("--without-page",)
