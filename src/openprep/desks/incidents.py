"""What a house refused or failed at since it started, by code: what no step tells."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from openprep.coded import CodedError


class Incidents:
    """How often each code came up. What was refused is nowhere in it."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Count what is refused inside, and let it go on."""
        try:
            yield
        except CodedError as error:
            self.count[error.code.code] += 1
            raise
