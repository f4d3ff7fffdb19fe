"""The processes of a replay, which live no longer than who started them."""

from openprep.drill.processes.crew import Crew, ProcessDied, ask

__all__ = ["Crew", "ProcessDied", "ask"]
