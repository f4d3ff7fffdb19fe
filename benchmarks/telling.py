"""What every benchmark tells beside its figures: on which machine, and how busy that was before."""

import argparse
import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path

import psutil

_LOAD = os.getloadavg()[0]
"""Of the minute before: a benchmark is a load of its own."""


def command(doc: str | None) -> argparse.ArgumentParser:
    """The command of a benchmark whose module says ``doc``."""
    return argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def machine() -> dict[str, object]:
    """What figures depend on."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "gigabytes": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {platform.machine()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    """Its name, where Linux knows it."""
    with Path("/proc/cpuinfo").open() as stream:
        named = (line.partition(":")[2] for line in stream if line.startswith("model name"))
        return next(named, platform.processor()).strip()


def tell(bench: str, found: Mapping[str, object]) -> None:
    """One line of JSON."""
    told = {"bench": bench, "machine": machine(), "load": round(_LOAD, 1), **found}
    print(json.dumps(told, ensure_ascii=False), flush=True)
