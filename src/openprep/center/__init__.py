"""The centre: its process, its start, its clocks, and what an operator asks of it."""
