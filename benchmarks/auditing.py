"""The audit of Puebla's whole night with its 24 databases, and where its time goes.

The night is relived at full speed, or taken from the folder of a demo that is over
(``python -m benchmarks.auditing demo-data``). Seconds are of CPU. The whole is audited with every
database row by row, and with the newest alone: what each further one costs.
"""

import resource
import tempfile
import time
from pathlib import Path

from benchmarks.telling import command, tell
from benchmarks.watched_night import relive
from openprep.audit.checks.tree import Audit
from openprep.audit.keys import from_trust
from openprep.audit.place import Folder
from openprep.audit.report import Report
from openprep.drill.demo.nights import PueblaNight
from openprep.hosting import TreeDirectory
from openprep.pages.releases import Releases, installed
from openprep.wire.cut.manifest import Manifest, databases_of, decode, manifest_path


def audited(public: Path, *, newest_database: bool) -> tuple[float, Report]:
    """Seconds of an audit, and what it found."""
    keys = from_trust(Folder(public / "trust"), None)
    believed = Releases.gather((), installed())
    audit = Audit(Folder(public), keys, newest_database=newest_database, releases=believed)
    began = time.process_time()
    report = audit.cut()
    return time.process_time() - began, report


def databases_in(public: Path, cut: int) -> int:
    data = TreeDirectory(public).read(manifest_path(cut))
    assert data is not None
    return len(databases_of(decode(data, Manifest)))


def measure(public: Path) -> dict[str, object]:
    newest, _ = audited(public, newest_database=True)
    whole, report = audited(public, newest_database=False)
    assert report.cut is not None
    number = databases_in(public, report.cut)
    return {
        "leaves": report.size,
        "databases": number,
        "whole_seconds": round(whole, 1),
        "with_the_newest_database_seconds": round(newest, 1),
        "each_further_database_seconds": round((whole - newest) / (number - 1), 2),
        "rows": sum(outcome.looked_at for outcome in report.outcomes if outcome.code == "X035"),
        "failed": [outcome.code for outcome in report.outcomes if outcome.failed],
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    parser = command(__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="of a demo that is over")
    folder = parser.parse_args().folder
    if folder is not None:
        tell("auditing", measure(folder / "mirror" / "public"))
        return
    with tempfile.TemporaryDirectory() as name:
        relive(Path(name), PueblaNight(Path(name)))
        tell("auditing", measure(Path(name) / "mirror" / "public"))


if __name__ == "__main__":
    main()
