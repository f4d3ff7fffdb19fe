"""The whole night of Puebla at full speed: real processes, real disk, real HTTP, end to end.

From the first fact in a station's outbox to the closing cut verified and shown by the publisher.
Where the time goes is read from the processes' own CPU time.
"""

import tempfile
from pathlib import Path

from benchmarks.telling import command, tell
from benchmarks.watched_night import relive
from openprep.drill.demo.nights import PueblaNight


def measure() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        return relive(Path(folder), PueblaNight(Path(folder)))


if __name__ == "__main__":
    command(__doc__).parse_args()
    tell("night", measure())
