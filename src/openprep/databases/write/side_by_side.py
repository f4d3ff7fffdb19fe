"""Work that threads do while the next is prepared, its results in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

THREADS = 2
"""They compress beside the thread that writes rows: more than two cores gain little."""
MOST_WAITING = 8
"""Pieces of work that may be prepared and not done: what bounds memory."""


def side_by_side(work: Iterable[Callable[[], T]]) -> Iterator[T]:
    """What each piece of ``work`` gives, in its order; an error of one is raised in its place."""
    waiting: deque[Future[T]] = deque()
    with ThreadPoolExecutor(THREADS) as threads:
        for piece in work:
            waiting.append(threads.submit(piece))
            if len(waiting) > MOST_WAITING:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
