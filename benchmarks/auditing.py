"""The audit of Puebla's whole night with its 24 databases, and where its time goes.

The night is relived at full speed, or taken from the folder of a demo that is over
(``python -m benchmarks.auditing demo-data``). Seconds are of CPU. The databases are audited in
turn, and the newest alone: what the first one costs, and what one costs that follows another.
"""

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.watched_night import relive
from openprep.audit.databases import DatabasesAudit
from openprep.audit.keys import from_trust
from openprep.audit.place import Folder
from openprep.audit.report import Findings
from openprep.audit.results import Objects
from openprep.audit.tree import Audit
from openprep.drill.demo.nights import PueblaNight
from openprep.wire.cut.description import ElectionDescription
from openprep.wire.cut.manifest import Manifest, databases_of

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    began = time.process_time()
    made = work()
    return time.process_time() - began, made


def manifests_of(audit: Audit) -> list[Manifest]:
    opened = audit.checkpoint()
    assert opened is not None
    log = audit.log(opened, None)
    assert log is not None
    return audit.manifests(log)


def measure(public: Path) -> dict[str, object]:
    place = Folder(public)
    audit = Audit(place, from_trust(Folder(public / "trust"), None))
    manifests = manifests_of(audit)
    ref = manifests[-1].description
    description = Objects(place, Findings()).load(ref, ElectionDescription, "the election")
    number = len(databases_of(manifests[-1]))
    findings = Findings()
    newest, _ = timed(
        lambda: DatabasesAudit(place, findings, description).audit(manifests, newest_only=True)
    )
    every, _ = timed(lambda: DatabasesAudit(place, findings, description).audit(manifests))
    whole, report = timed(audit.cut)
    assert not findings.failed
    return {
        "bench": "auditing",
        "load": round(os.getloadavg()[0], 1),
        "databases": number,
        "whole_seconds": round(whole, 1),
        "databases_seconds": round(every, 1),
        "newest_alone_seconds": round(newest, 2),
        "each_further_of_the_first": round((every - newest) / (number - 1) / newest, 2),
        "rows": sum(outcome.looked_at for outcome in report.outcomes if outcome.code == "X035"),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="of a demo that is over")
    folder = parser.parse_args().folder
    if folder is not None:
        print(json.dumps(measure(folder / "mirror" / "public")))
        return
    with tempfile.TemporaryDirectory() as name:
        relive(Path(name), PueblaNight(Path(name)))
        print(json.dumps(measure(Path(name) / "mirror" / "public")))


if __name__ == "__main__":
    main()
