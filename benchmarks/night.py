"""The whole night of Puebla at full speed: real processes, real disk, real HTTP, end to end.

From the first fact in a station's outbox to the closing cut verified and shown by the publisher.
Where the time goes is read from the processes' own CPU time.
"""

import json
import tempfile
import time
from pathlib import Path

import psutil

from openprep.drill.demo import AS_FAST_AS_IT_CAN, Demo, Ports, election_folder


def measure():
    with tempfile.TemporaryDirectory() as folder:
        ports = Ports(inbox=18010, tree=18011, mirror=18020)
        demo = Demo(Path(folder), election_folder(), AS_FAST_AS_IT_CAN, ports)
        demo.prepare()
        conductor = demo.start()
        usage = {}
        peak = {}

        def watch(_):
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
            conductor.run_until(conductor.now)
            while demo._recorded() < 0:
                time.sleep(0.1)
            began = time.perf_counter()
            demo.conduct(conductor, watch)
            seconds = time.perf_counter() - began
        finally:
            conductor.stop()
            demo.crew.stop()
        roles = {}
        for name, cpu in usage.items():
            role = name.partition("-")[0]
            roles[role] = roles.get(role, 0) + cpu
        facts = len(demo._times)
        return {
            "bench": "night",
            "facts": facts,
            "seconds": round(seconds, 1),
            "facts_per_second": round(facts / seconds),
            "cpu_seconds": {role: round(cpu, 1) for role, cpu in roles.items()},
            "peak_megabytes": {role: round(size / 2**20) for role, size in peak.items()},
        }


if __name__ == "__main__":
    print(json.dumps(measure()))
