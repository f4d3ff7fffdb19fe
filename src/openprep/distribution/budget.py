"""How much a publisher may ask for: a bucket that fills with time and is emptied by use."""


class Budget:
    """A token bucket: ``rate`` a second, at most ``burst`` saved up. Time is handed in, in seconds.

    It may be overdrawn: who takes more than there is waits before it takes again, so that over any
    span no more than ``burst + rate * seconds`` is granted, plus the last amount.
    """

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._level = burst
        self._at = now

    def wait(self, now: float) -> float:
        """Seconds until something may be taken; 0 if it may be now."""
        self._fill(now)
        return max(0.0, -self._level / self._rate)

    def take(self, amount: float, now: float) -> None:
        """Use up ``amount``."""
        self._fill(now)
        self._level -= amount

    def _fill(self, now: float) -> None:
        self._level = min(self._burst, self._level + max(0.0, now - self._at) * self._rate)
        self._at = max(self._at, now)
