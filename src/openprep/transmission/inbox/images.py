"""The centre's inbox of images: only those that some recorded acta names, each once.

An acta's envelope says, under the station's signature, which image it was captured from. So the
image needs no signature of its own: its digest decides, whoever brings it, and what nobody signed
for cannot fill the disk. The order is the promise: on disk, then in the record, then answered.
"""

import asyncio
from hashlib import sha256

from openprep.clock import Clock
from openprep.election.image import MAX_IMAGE_BYTES, NotAnImage, picture_in
from openprep.record.codes import RecordTrouble
from openprep.record.events import ImageReceived
from openprep.record.images import ImageFolder
from openprep.record.ledger import Ledger, ReceptionClosed
from openprep.transmission.answers import ImageReceipt
from openprep.transmission.codes import RefusalCode, Refused, not_recorded


class ImageInbox:
    """Receives images for one election; belongs to the event loop of its ledger."""

    def __init__(self, ledger: Ledger, folder: ImageFolder, clock: Clock) -> None:
        self._ledger = ledger
        self._folder = folder
        self._clock = clock

    def expect(self, digest: str) -> ImageReceipt | None:
        """See whether an image may be sent, before a byte of it is read.

        Its receipt, if it is held already; ``None`` where it is to be sent.

        Raises:
            Refused: IMAGE_UNNAMED or CLOSED.
        """
        state = self._ledger.state
        held = state.held.get(digest)
        if held is not None:
            return ImageReceipt(digest, held.size, held.position, duplicate=True)
        if digest not in state.naming:
            raise Refused(RefusalCode.IMAGE_UNNAMED, "{digest!r:.70}", digest=digest)
        if state.closed is not None:
            raise Refused(RefusalCode.CLOSED, "since {at}", at=state.closed.at.isoformat())
        return None

    async def receive(self, digest: str, data: bytes) -> ImageReceipt:
        """Keep the image and record it; durable when this returns.

        Raises:
            Refused: nothing of it is in the record.
        """
        known = self.expect(digest)
        if known is not None:
            return known
        _check(digest, data)
        try:
            await asyncio.to_thread(self._folder.keep, data)
            event = ImageReceived(self._clock(), digest, len(data))
            appended = await self._ledger.append(event)
        except ReceptionClosed as closed:
            raise Refused(RefusalCode.CLOSED, "just now") from closed
        except RecordTrouble as trouble:
            raise not_recorded(trouble) from trouble
        return ImageReceipt(digest, len(data), appended.position, appended.duplicate)


def _check(digest: str, data: bytes) -> None:
    if len(data) > MAX_IMAGE_BYTES:
        raise Refused(
            RefusalCode.IMAGE_OVERSIZE,
            "{size} bytes, at most {limit}",
            size=len(data),
            limit=MAX_IMAGE_BYTES,
        )
    found = sha256(data).hexdigest()
    if found != digest:
        raise Refused(
            RefusalCode.IMAGE_DIGEST,
            "{size} bytes came, of digest {found}",
            size=len(data),
            found=found,
        )
    try:
        picture_in(data)
    except NotAnImage as error:
        raise Refused(RefusalCode.NOT_AN_IMAGE, "{reason}", reason=error.text) from error
