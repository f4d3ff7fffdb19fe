"""How work is handed out: data of the authority, not code."""

from enum import Enum
from typing import Annotated

from msgspec import Meta, Struct

from openprep.capture.acts import LONGEST_GRACE
from openprep.capture.steps import MOST_ONE_IN


class Order(Enum):
    """By what the next acta is chosen; the first that tells two apart decides."""

    LEAST_COVERED_AREA = "least_covered_area"
    """The area of whose expected actas the smallest part was captured twice."""
    OLDEST = "oldest"
    """What has waited longest."""


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """For how long an acta is lent, how many a person holds, the order of the queue, and the end.

    ``ahead`` are those that a person holds besides the one at work, so that the next image is
    there before it is asked for. ``level`` is how many levels of an area's path make the areas
    that are compared. ``stuck_seconds`` is after how long an acta that waits, and that nobody has,
    is told as stuck. Of the actas that stand, one in ``sample_one_in`` is captured by a third
    person to estimate wrong fields; none where it is 0. For ``closing_grace_seconds`` what was
    begun may still be saved after the house was closed.
    """

    lease_seconds: Annotated[int, Meta(ge=30, le=3600)] = 300
    ahead: Annotated[int, Meta(ge=0, le=5)] = 1
    level: Annotated[int, Meta(ge=0, le=5)] = 1
    stuck_seconds: Annotated[int, Meta(ge=60, le=86_400)] = 1_800
    order: Annotated[tuple[Order, ...], Meta(min_length=1, max_length=2)] = (
        Order.LEAST_COVERED_AREA,
        Order.OLDEST,
    )
    sample_one_in: Annotated[int, Meta(ge=0, le=MOST_ONE_IN)] = 200
    closing_grace_seconds: Annotated[int, Meta(ge=0, le=LONGEST_GRACE)] = 600
