"""Addresses that people type, before anything is asked there."""

from urllib.parse import urlsplit

from openprep.mirror.codes import MirrorCode, Refused


def check_address(address: str) -> None:
    """See that ``address`` is one that can be asked: an http(s) address with its host.

    Raises:
        Refused: ADDRESS.
    """
    try:
        parts = urlsplit(address)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname)
        whole = whole and parts.port != 0
    except ValueError as error:
        raise Refused(
            MirrorCode.ADDRESS, "{address!r}: {error}", address=address, error=error
        ) from error
    if not whole:
        raise Refused(MirrorCode.ADDRESS, "{address!r}", address=address)
