"""Every step of an acta's way, as the signed fact that an enrolled place reports.

A person is known by a pseudonym of this election. Who it is, the authority knows and nobody else:
no name enters the record, a log or the published tree.
"""

from enum import Enum
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from openprep.capture.reading import MAX_VOTES, Reading
from openprep.clock import Moment
from openprep.election import Digitization, DocumentKind, Observation, Origin
from openprep.election.acta import ImageDigest, Transfer

Pseudonym: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
"""A person of this election: 16 bytes of a keyed hash, in hex."""

SessionId: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
"""A person's session at a place: drawn at random when it begins, in hex."""

Words: TypeAlias = Annotated[str, Meta(min_length=1, max_length=500)]
"""A reason in a person's own words; published where it is of a change."""

MOST_ONE_IN = 100_000
"""One acta in so many is the thinnest sample that there is."""

ActaId: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100)]


class Step(Struct, frozen=True, tag_field="fact", forbid_unknown_fields=True, omit_defaults=True):
    """What every step says: of which acta, by whom, in which session, and when.

    ``acta`` is the catalogue's identity, or ``None`` while nobody knows it.
    """

    contest: str
    acta: ActaId | None
    by: Pseudonym
    session: SessionId
    at: Moment


class ActaReceived(Step, frozen=True, tag="acta_received"):
    """The paper came to the place (acopio, Anexo 13 num. 26); ``transfer`` is how."""

    transfer: Transfer = ""


class ActaMissing(Step, frozen=True, tag="acta_missing", kw_only=True):
    """There is no acta, and why: one of the observations *sin acta* (spec A.4).

    ``columns`` is the number of columns that its form would have.
    """

    cause: Observation
    columns: Annotated[int, Meta(ge=1, le=MAX_VOTES)]


class ActaDigitised(Step, frozen=True, tag="acta_digitised", kw_only=True):
    """An image of the paper.

    ``image`` is the digest of the bytes that are published, ``original`` of those that the scanner
    or the camera gave.
    """

    image: ImageDigest
    original: ImageDigest
    origin: Origin
    digitization: Digitization
    document: DocumentKind


class HintCode(Enum):
    """A rule that figures do not keep, of which a person was told after saving them."""

    FOUR_DIGITS = "four_digits"
    """A vote has more digits than the form has boxes."""
    NOTHING_READ = "nothing_read"
    """No vote has a figure."""
    PEOPLE_AND_BALLOTS = "people_and_ballots"
    """Who voted, with the representatives, and the ballots taken are not as many."""
    TOTAL_OTHERWISE = "total_otherwise"
    """The written total is not the sum of the votes."""
    BALLOTS_AND_VOTES = "ballots_and_votes"
    """The ballots taken and the votes are not as many."""
    OVER_THE_LIST = "over_the_list"
    """More votes than the list and the representatives allow."""


class ActaCaptured(Step, frozen=True, tag="acta_captured", kw_only=True):
    """What one person read, on the image that was shown, without seeing another's reading.

    ``hints`` are those that were shown of it, and ``overruled`` says that the first saved figures
    were left as they were after that.
    """

    image: ImageDigest
    reading: Reading
    hints: Annotated[tuple[HintCode, ...], Meta(max_length=len(HintCode))] = ()
    overruled: bool = False


class ActaArbitrated(Step, frozen=True, tag="acta_arbitrated", kw_only=True):
    """The word of a third person on two readings that differ.

    ``reason`` is why, where a field is neither of the two.
    """

    image: ImageDigest
    reading: Reading
    reason: Words | None = None


class SampleDrawn(Step, frozen=True, tag="sample_drawn", kw_only=True):
    """The sample of a contest, drawn by a checkpoint of the publication log that is public.

    ``root`` is the log's root at that ``size``, in hex. One in ``one_in`` of the actas whose
    figures stood by ``at`` is in it (:func:`openprep.capture.sample.is_drawn`).
    """

    root: ImageDigest
    size: Annotated[int, Meta(ge=1, le=2**53)]
    one_in: Annotated[int, Meta(ge=1, le=MOST_ONE_IN)]


class ActaSampled(Step, frozen=True, tag="acta_sampled", kw_only=True):
    """What a third person read of an acta that the sample of ``root`` has. It moves no figure."""

    image: ImageDigest
    root: ImageDigest
    reading: Reading


class Verdict(Enum):
    """What comes of holding the published figures against the paper (cotejo)."""

    ACCEPTED = "accepted"
    RECAPTURE = "recapture"
    REDIGITISE = "redigitise"


class ActaChecked(Step, frozen=True, tag="acta_checked", kw_only=True):
    """The published figures held against the paper; whoever does not accept them says why.

    What stands is captured or digitised again only where a second person agreed to it
    (``agreed_by``), in a session of their own.
    """

    image: ImageDigest
    verdict: Verdict
    reason: Words | None = None
    agreed_by: Pseudonym | None = None
    agreed_session: SessionId | None = None


class ActaSentBack(Step, frozen=True, tag="acta_sent_back", kw_only=True):
    """An image that nobody can capture, before figures stand: another one is asked for."""

    image: ImageDigest
    reason: Words


class ActaIdentified(Step, frozen=True, tag="acta_identified", kw_only=True):
    """An image without a known identity is that of ``acta``, by the technical procedure."""

    image: ImageDigest
    reason: Words


PaperStep: TypeAlias = (
    ActaReceived
    | ActaMissing
    | ActaDigitised
    | ActaCaptured
    | ActaArbitrated
    | ActaSentBack
    | ActaChecked
    | ActaSampled
)
"""A step of one acta."""

AnyStep: TypeAlias = PaperStep | ActaIdentified | SampleDrawn
