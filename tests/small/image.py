"""Small images of actas: real JPEGs, each with its own digest."""

import io
from hashlib import sha256

from PIL import Image


def jpeg(number: int = 0, size: tuple[int, int] = (24, 32)) -> bytes:
    """A JPEG that is not another number's."""
    out = io.BytesIO()
    Image.new("RGB", size, (number * 37 % 256, number * 91 % 256, 128)).save(out, "JPEG")
    return out.getvalue()


def digest_of(data: bytes) -> str:
    return sha256(data).hexdigest()
