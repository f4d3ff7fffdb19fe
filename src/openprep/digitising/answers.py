"""What a child answers is believed as little as the file: a decoder may have been taken over.

Its size, its form, and every byte of its pictures that is no pixel are looked at. Pure.
"""

from hashlib import sha256
from typing import TypeVar

import msgspec

from openprep.decoding import decoding
from openprep.digitising.clean import picture_alone_in
from openprep.digitising.codes import DigitisingCode, NotDigitised
from openprep.digitising.digitised import Code, Digitised
from openprep.digitising.frames import End, Ended, Made, NoPicture, Read
from openprep.election.image import NotAnImage

Answer = TypeVar("Answer", Made, Read)


def looked_at(ended: Ended, data: bytes) -> Digitised:
    """The image that a child answered, once it was found to be what a child may say.

    Raises:
        NotDigitised: it answered nothing, or that there is no picture, or what it may not.
    """
    return _digitised(_answered(ended, data, Made), data)


def codes_looked_at(ended: Ended, data: bytes) -> tuple[Code, ...]:
    """The codes that a child answered.

    Raises:
        NotDigitised: as :func:`looked_at`.
    """
    return _fit(_answered(ended, data, Read).codes, data)


def _answered(ended: Ended, data: bytes, kind: type[Answer]) -> Answer:
    if ended.end is End.TOO_LONG:
        raise NotDigitised(DigitisingCode.TOO_LONG, "{size} bytes", size=len(data))
    if ended.end is End.DIED:
        raise NotDigitised(DigitisingCode.DECODER_DIED, "{size} bytes", size=len(data))
    try:
        with decoding():
            answer = msgspec.msgpack.decode(ended.answer, type=kind | NoPicture)
    except msgspec.DecodeError as error:
        raise _unfit_answer(data) from error
    if isinstance(answer, NoPicture):
        code = DigitisingCode[answer.why.name]
        raise NotDigitised(code, "{size} bytes", size=len(data))
    return answer


def _digitised(made: Made, data: bytes) -> Digitised:
    try:
        picture = picture_alone_in(made.image)
        picture_alone_in(made.rendition)
    except NotAnImage as error:
        raise _unfit_answer(data) from error
    return Digitised(
        image=made.image,
        digest=sha256(made.image).hexdigest(),
        original_digest=sha256(data).hexdigest(),
        width=picture.width,
        height=picture.height,
        rendition=made.rendition,
        codes=_fit(made.codes, data),
        upright=made.upright,
        legibility=made.legibility,
    )


def _fit(codes: tuple[Code, ...], data: bytes) -> tuple[Code, ...]:
    if not all(one.text.isprintable() for one in codes):
        raise _unfit_answer(data)
    return codes


def _unfit_answer(data: bytes) -> NotDigitised:
    """What to look for: the file by its digest."""
    digest = sha256(data).hexdigest()
    return NotDigitised(DigitisingCode.UNFIT_ANSWER, "SHA-256 {digest}", digest=digest)
