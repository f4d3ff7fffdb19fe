"""What must hold before a centre signs anything: its key, its record, and what publishers hold."""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from openprep.center.publishers import Word
from openprep.coded import CodedError, said
from openprep.cuts.codes import PublicationCode
from openprep.cuts.signing_key import KEY_FILE
from openprep.election import Election
from openprep.record.events import CutMade, EnvelopeReceived, ImageReceived, kind_of
from openprep.record.facts import decode_envelope
from openprep.record.sqlite import Record, digest_of_election, restamp
from openprep.transmission.codes import Refused
from openprep.transmission.inbox.checks import check_facts
from openprep.wire.log.checkpoint import Checkpoint, CheckpointError, open_checkpoint
from openprep.wire.note import NoteError, Signer, Verifier
from openprep.wire.trust import TrustData

log = logging.getLogger("openprep.center")

RECORD_FILE = "record.sqlite"
"""The record's file in a centre's folder."""


class StartRefused(CodedError[PublicationCode]):
    """The centre does not start, and why; nothing was signed or changed."""


def check_folder(data: Path) -> None:
    """See that ``data`` is a centre's folder: a wrong one would seem to be a centre at peace.

    Raises:
        StartRefused: NOT_A_CENTER, neither a key nor a record is in it.
    """
    if not any((data / name).exists() for name in (KEY_FILE, RECORD_FILE)):
        raise StartRefused(PublicationCode.NOT_A_CENTER, "{data}", data=data)


def check_log(signer: Signer, trust: TrustData, cut: int) -> None:
    """See that publishers will believe what ``signer`` signs for cut number ``cut``.

    Raises:
        StartRefused: LOG_NOT_OF_TRUST.
    """
    check_origin(trust, signer.name)
    if signer.verifier not in trust.log.verifiers_at(cut):
        keys = ", ".join(key.key for key in trust.log.keys)
        raise StartRefused(
            PublicationCode.LOG_NOT_OF_TRUST,
            "cut {cut} would be signed by {verifier}, the trust root has {keys}",
            cut=cut,
            verifier=signer.verifier,
            keys=keys,
        )


def check_origin(trust: TrustData, origin: str) -> None:
    """See that the trust root vouches for the log of this name.

    Raises:
        StartRefused: LOG_NOT_OF_TRUST.
    """
    if trust.log.origin != origin:
        raise StartRefused(
            PublicationCode.LOG_NOT_OF_TRUST,
            "the trust root vouches for log {origin!r}, this one is {own!r}",
            origin=trust.log.origin,
            own=origin,
        )


def open_record(path: Path, election: Election) -> Record:
    """The record of ``election``, under a folder that was corrected before the first cut too.

    What was received meanwhile stays, if it fits the corrected folder.

    Raises:
        StartRefused: ELECTION_CHANGED, something was published, or received that does not fit.
        RecordTrouble: the record cannot be used.
    """
    before = digest_of_election(path)
    if before is not None and before != election.digest:
        _restamp(path, election, before)
    return Record.open(path, election.id, election.digest)


def _restamp(path: Path, election: Election, before: str) -> None:
    record = Record.open(path, election.id, before)
    try:
        _check_unpublished(record, election)
    finally:
        record.close()
    restamp(path, election.id, before, election.digest)
    code = PublicationCode.RESTAMPED
    log.warning("%s", code.of("{digest}, was {before}", digest=election.digest, before=before))


def _check_unpublished(record: Record, election: Election) -> None:
    code = PublicationCode.ELECTION_CHANGED
    for position, event in record.read():
        if isinstance(event, ImageReceived):
            continue
        if not isinstance(event, EnvelopeReceived):
            raise StartRefused(
                code,
                "event {position} ({kind}) was made under the folder as it was",
                position=position,
                kind=kind_of(event),
            )
        envelope = decode_envelope(event.payload)
        try:
            check_facts(envelope, election)
        except Refused as refused:
            raise StartRefused(
                code,
                "envelope {sequence} of {station} does not fit: {refused}",
                sequence=envelope.sequence,
                station=envelope.station,
                refused=refused,
            ) from refused


def check_publishers(
    words: Iterable[Word], keys: Sequence[Verifier], origin: str, cuts: Sequence[CutMade]
) -> None:
    """See that no publisher holds more, or other, than this record would go on from.

    ``keys`` are those that may sign the log's next cut. Only a checkpoint that one of them signed
    counts: nobody else's word keeps a centre from starting, and a key that a ceremony ended does
    not either.

    Raises:
        StartRefused: PUBLISHERS_HOLD_MORE or PUBLISHERS_HOLD_OTHER.
    """
    own = {cut.log_size: cut for cut in cuts}
    size = cuts[-1].log_size if cuts else 0
    for word in words:
        held = checkpoint_in(word, origin, keys)
        if held is not None:
            _compare(held, word, size, own)


def checkpoint_in(word: Word, origin: str, keys: Sequence[Verifier]) -> Checkpoint | None:
    """The checkpoint that a publisher shows, if one of ``keys`` signed it."""
    if word.note is None:
        return None
    try:
        return open_checkpoint(word.note, origin=origin, log=keys).checkpoint
    except (NoteError, CheckpointError):
        return None


def _compare(held: Checkpoint, word: Word, size: int, own: dict[int, CutMade]) -> None:
    who = f"{word.address.publisher} at {word.address.url}"
    if held.size > size:
        raise _holds_more(who, held, word, size, own)
    cut = own.get(held.size)
    if cut is None or cut.log_root != held.root:
        raise StartRefused(
            PublicationCode.PUBLISHERS_HOLD_OTHER,
            "{who} holds another log of {size} leaves",
            who=who,
            size=held.size,
        )


def _holds_more(
    who: str, held: Checkpoint, word: Word, size: int, own: dict[int, CutMade]
) -> StartRefused:
    if word.cut is None:
        return StartRefused(
            PublicationCode.PUBLISHERS_HOLD_MORE,
            "{who} holds {size} leaves of this log, this record gives {own}",
            who=who,
            size=held.size,
            own=size,
        )
    last = max(own.values(), key=lambda cut: cut.number, default=None)
    return StartRefused(
        PublicationCode.PUBLISHERS_HOLD_MORE,
        "{who} shows cut {cut} ({size} leaves), this record ends with {last}",
        who=who,
        cut=word.cut,
        size=held.size,
        last=said("cut {cut}", cut=last.number) if last else said("none"),
    )


def silent(words: Sequence[Word]) -> list[str]:
    """The addresses that did not answer with a checkpoint, and why."""
    return [f"{word.address.url} ({word.trouble})" for word in words if word.note is None]
