"""What a child answers is believed as little as the file: a decoder may have been taken over.

Its size, its form, and every byte of its pictures that is no pixel are looked at. Pure.
"""

from hashlib import sha256

import msgspec

from openprep.decoding import decoding
from openprep.digitising.clean import picture_alone_in
from openprep.digitising.codes import DigitisingCode, NotDigitised
from openprep.digitising.digitised import Digitised
from openprep.digitising.frames import End, Ended, Made, NoPicture
from openprep.election.image import NotAnImage


def looked_at(ended: Ended, data: bytes) -> Digitised:
    """What a child answered, once it was found to be what a child may say.

    Raises:
        NotDigitised: it answered nothing, or that there is no picture, or what it may not.
    """
    if ended.end is End.TOO_LONG:
        raise NotDigitised(DigitisingCode.TOO_LONG, "{size} bytes", size=len(data))
    if ended.end is End.DIED:
        raise NotDigitised(DigitisingCode.DECODER_DIED, "{size} bytes", size=len(data))
    try:
        with decoding():
            answer = msgspec.msgpack.decode(ended.answer, type=Made | NoPicture)
    except msgspec.DecodeError as error:
        raise _unfit_answer(data) from error
    if isinstance(answer, NoPicture):
        code = DigitisingCode[answer.why.name]
        raise NotDigitised(code, "{size} bytes", size=len(data))
    return _digitised(answer, data)


def _digitised(made: Made, data: bytes) -> Digitised:
    try:
        picture = picture_alone_in(made.image)
        picture_alone_in(made.rendition)
    except NotAnImage as error:
        raise _unfit_answer(data) from error
    if not all(one.text.isprintable() for one in made.codes):
        raise _unfit_answer(data)
    return Digitised(
        image=made.image,
        digest=sha256(made.image).hexdigest(),
        original_digest=sha256(data).hexdigest(),
        width=picture.width,
        height=picture.height,
        rendition=made.rendition,
        codes=made.codes,
        upright=made.upright,
        legibility=made.legibility,
    )


def _unfit_answer(data: bytes) -> NotDigitised:
    """What to look for: the file by its digest."""
    digest = sha256(data).hexdigest()
    return NotDigitised(DigitisingCode.UNFIT_ANSWER, "SHA-256 {digest}", digest=digest)
