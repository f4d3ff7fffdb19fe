"""What a child does: a file in, both pictures and what was read on them out, or that alone."""

from openprep.digitising.encoding import published, rendition
from openprep.digitising.frames import Made, NoPicture, Read, Unfit, Work
from openprep.digitising.legibility import legibility_of
from openprep.digitising.marks import codes_on
from openprep.digitising.opening import UnfitFile, opened
from openprep.digitising.straightening import laid_upright


def done(work: Work, data: bytes) -> Made | Read | NoPicture:
    """What comes of a file: the same for the same file and the same version of the libraries."""
    try:
        found = opened(data)
        if work is Work.CODES:
            return Read(codes_on(found.picture))
        lying = laid_upright(found.picture, found.orientation)
        return Made(
            image=published(lying.picture),
            rendition=rendition(lying.picture),
            codes=lying.codes,
            upright=lying.upright,
            legibility=legibility_of(lying.picture, lying.codes),
        )
    except UnfitFile as unfit:
        return NoPicture(unfit.why)
    except MemoryError:
        return NoPicture(Unfit.TOO_MUCH_MEMORY)
