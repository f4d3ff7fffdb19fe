"""How a contest opens: its results before the first acta, as the zero cut will have them."""

from io import BytesIO

from openprep.cuts.results import ContestResults
from openprep.election import Contest, Election
from openprep.hosting.log import EntryOffsets
from openprep.wire.cut.pack import PackWriter
from openprep.wire.cut.ref import Link, Location
from openprep.wire.cut.results import ResultsReader


def opening_of(election: Election, contest: Contest) -> tuple[ResultsReader, Link]:
    """A reader of the opening results of a contest, and where they begin."""
    stream, results = BytesIO(), ContestResults(election, contest)
    results.publish(PackWriter(1, stream), EntryOffsets(), closing=False)
    packed = stream.getvalue()

    def read(at: Location) -> bytes:
        return packed[at.offset : at.offset + at.size]

    return ResultsReader(read), results.root
