"""Run every benchmark, one after the other, one JSON line each: `make bench`."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent

for bench in ("reading", "tabulating", "appending", "night"):
    subprocess.run([sys.executable, str(HERE / f"{bench}.py")], check=True, cwd=HERE.parent)
