"""A night at full speed, with what its processes spent: shared by the benchmarks of nights."""

import time
from pathlib import Path

import psutil

from openprep.drill.demo.network import Ports
from openprep.drill.demo.nights import Night
from openprep.drill.demo.run import AS_FAST_AS_IT_CAN, Demo, Progress

PORTS = Ports(inbox=18010, tree=18011, distribution=18012, mirror=18020)


def relive(folder: Path, night: Night) -> dict[str, object]:
    """Live ``night`` through, from the first fact in an outbox to the closing cut verified."""
    night.prepare()
    demo = Demo(folder, night, AS_FAST_AS_IT_CAN, PORTS)
    demo.prepare()
    conductor = demo.start()
    usage: dict[str, float] = {}
    peak: dict[str, int] = {}
    cuts = set()

    def watch(progress: Progress) -> None:
        cuts.add(progress.center_cut)
        for name, process in demo.crew.running.items():
            role = name.partition("-")[0]
            try:
                found = psutil.Process(process.pid)
                times, memory = found.cpu_times(), found.memory_info().rss
            except psutil.NoSuchProcess:
                continue
            usage[name] = times.user + times.system
            peak[role] = max(peak.get(role, 0), memory)

    try:
        while demo.recorded < 0:
            time.sleep(0.1)
        began = time.perf_counter()
        demo.conduct(conductor, watch)
        seconds = time.perf_counter() - began
        equal = all(comparison.equal for comparison in night.comparisons(demo.mirrored))
    finally:
        conductor.stop()
        demo.crew.stop()
    roles: dict[str, float] = {}
    for name, cpu in usage.items():
        role = name.partition("-")[0]
        roles[role] = roles.get(role, 0) + cpu
    return {
        "facts": demo.facts,
        "seconds": round(seconds, 1),
        "facts_per_second": round(demo.facts / seconds),
        "cuts": max(cut for cut in cuts if cut is not None) + 1,
        "cpu_seconds": {role: round(cpu, 1) for role, cpu in roles.items()},
        "peak_megabytes": {role: round(size / 2**20) for role, size in peak.items()},
        "figures_equal": equal,
    }
