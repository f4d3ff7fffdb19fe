"""Run every benchmark, or those named, one JSON line each: `make bench`."""

import subprocess
import sys

BENCHES = (
    "reading",
    "tabulating",
    "databases",
    "appending",
    "recording",
    "capturing",
    "digitising",
    "desks",
    "doors",
    "mirroring",
    "network",
    "serving",
    "page",
    "browser_recount",
    "night",
    "auditing",
    "nation",
)

for bench in sys.argv[1:] or BENCHES:
    subprocess.run([sys.executable, "-m", f"benchmarks.{bench}"], check=True)
