"""What a person is in the capture room; the nouns are those of the authority's rules."""

from enum import Enum


class Role(Enum):
    """What a person works as; the value stands in lists and pages."""

    ACOPIADOR = "acopiador"
    """Receives the paper, prints its label, says that there is none."""
    DIGITALIZADOR = "digitalizador"
    """Makes the image that is captured and published."""
    CAPTURISTA = "capturista"
    """Reads an image and types what is there, without seeing another's reading."""
    VERIFICADOR = "verificador"
    """Decides where two captures differ; was neither of the two."""
    COTEJADOR = "cotejador"
    """Holds published figures against the paper, and identifies images without identity."""
    COORDINADOR = "coordinador"
    """Sees how the work goes, opens and closes, revokes. Types no figure."""


READS = frozenset({Role.CAPTURISTA, Role.VERIFICADOR})
"""Who types figures."""

OVERSEES = frozenset({Role.COTEJADOR, Role.COORDINADOR})
"""Who judges the figures of others, and sees what became of them: nobody who types any."""
