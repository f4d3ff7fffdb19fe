"""Where the fields of an acta stand on its image, so that the row at work is lit on it."""

from collections.abc import Mapping
from functools import cache, partial

from openprep.capture.reading import FieldName
from openprep.desks.pictures import Pictures
from openprep.desks.ticket import Ticket
from openprep.desks.web.sheet import Box
from openprep.election import Election
from openprep.forms.codes import FormTrouble
from openprep.forms.layout import Rectangle, form_of


class FormPlaces:
    """The places of the form, for images that were laid straight by its corners; none for others.

    On any other image a wrong row would be lit.
    """

    def __init__(self, election: Election, pictures: Pictures) -> None:
        self._pictures = pictures
        self._of_contest = cache(partial(boxes_of, election))

    def __call__(self, ticket: Ticket) -> Mapping[FieldName, Box]:
        """The row of each field, as parts of the image."""
        if ticket.image is None or not self._pictures.is_straight(ticket.image):
            return {}
        return self._of_contest(ticket.contest)


def boxes_of(election: Election, contest: str) -> Mapping[FieldName, Box]:
    """The row of each field on an image that shows the form of a contest and nothing around it."""
    try:
        form = form_of(election, election.contests[contest])
    except FormTrouble:  # a contest whose form is too large for ours is printed by others
        return {}
    return {field.name: _part(field.row, form.paper) for field in form.fields}


def _part(row: Rectangle, paper: Rectangle) -> Box:
    return Box(
        round(row.left / paper.width, 4),
        round(row.top / paper.height, 4),
        round(row.width / paper.width, 4),
        round(row.height / paper.height, 4),
    )
