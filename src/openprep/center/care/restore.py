"""A centre put back from a copy: everything checked before anything of it has its place.

A record that knows less than publishers hold is not put back in passing: a centre that went on from
it would sign a second history.
"""

import os
import shutil
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from openprep.center.care.backup import (
    PRIVATE,
    CopyList,
    check_space,
    copy_file,
    newest_copy,
    read_list,
    read_through,
)
from openprep.center.publishers import Address, Word, addresses_of, ask
from openprep.center.start import (
    RECORD_FILE,
    StartRefused,
    check_log,
    check_publishers,
    checkpoint_in,
)
from openprep.ceremony.folder import load_standing
from openprep.clock import Clock, system_clock
from openprep.coded import said
from openprep.cuts.codes import PublicationCode
from openprep.cuts.signing_key import KEY_FILE, load_signer
from openprep.durable import sync_folder
from openprep.record.codes import reporting
from openprep.record.events import CutMade
from openprep.wire.note import Signer
from openprep.wire.trust import FOLDER as TRUST
from openprep.wire.trust import TrustData

Ask = Callable[[Sequence[Address]], Coroutine[Any, Any, list[Word]]]


@dataclass(frozen=True)
class Restoring:
    """What to put back, where, and whom to ask.

    ``publishers`` are addresses beside those of the trust root. ``nobody_answers`` is the
    operator's word that nobody can be asked; ``behind`` that what publishers hold more is given up,
    and a ceremony will end the log's key.
    """

    source: Path
    data: Path
    publishers: Sequence[str] = ()
    nobody_answers: bool = False
    behind: bool = False
    clock: Clock = system_clock


@dataclass(frozen=True)
class Restored:
    """What was put back, and what publishers said."""

    listed: CopyList
    heard: Sequence[str]


async def restore(plan: Restoring, asking: Ask = ask) -> Restored:
    """Put a copy back into ``plan.data``, whole or not at all.

    Raises:
        StartRefused: NOT_EMPTY, COPY_DAMAGED, LITTLE_SPACE, LOG_NOT_OF_TRUST, NOBODY_ANSWERS,
            PUBLISHERS_HOLD_MORE or PUBLISHERS_HOLD_OTHER.
        RecordTrouble: the copy's record is damaged, or what the disk refuses.
        CeremonyRefused: the copy's trust root is damaged.
        KeyUnusable: the copy's key is.
    """
    with reporting(plan.source):
        copy = newest_copy(plan.source)
    if copy is None:
        raise StartRefused(
            PublicationCode.COPY_DAMAGED, "{source}: there is no copy there", source=plan.source
        )
    with reporting(plan.data):
        if plan.data.exists() and (not plan.data.is_dir() or any(plan.data.iterdir())):
            raise StartRefused(PublicationCode.NOT_EMPTY, "{data}", data=plan.data)
    listed = read_list(copy)
    data = plan.data.resolve()
    draft = data.with_name(f".{data.name}.restoring.tmp")
    with reporting(draft):
        shutil.rmtree(draft, ignore_errors=True)
        try:
            _put(copy, listed, draft)
            heard = await _check(plan, listed, draft, asking)
            os.sync()
            draft.rename(data)
            sync_folder(data.parent)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    return Restored(listed, heard)


def _put(copy: Path, listed: CopyList, draft: Path) -> None:
    draft.parent.mkdir(parents=True, exist_ok=True)
    check_space(draft.parent, sum(file.size for file in listed.files.values()))
    draft.mkdir(mode=0o755)
    for name, file in listed.files.items():
        target = draft / _safe(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            found = copy_file(copy / name, target, most=file.size)
        except FileNotFoundError as error:
            raise StartRefused(
                PublicationCode.COPY_DAMAGED,
                "{path} is missing, or not the file that was copied: {strerror}",
                path=copy / name,
                strerror=error.strerror,
            ) from error
        if (found.sha256, found.size) != (file.sha256, file.size):
            raise StartRefused(
                PublicationCode.COPY_DAMAGED,
                "{path} is not what it was when it was copied",
                path=copy / name,
            )
        target.chmod(0o600 if name in PRIVATE else 0o644)


def _safe(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name or "\0" in name:
        raise StartRefused(PublicationCode.COPY_DAMAGED, "the list names {name!r}", name=name)
    return name


async def _check(plan: Restoring, listed: CopyList, draft: Path, asking: Ask) -> list[str]:
    """Hold what was put together against itself and against publishers; who said what."""
    record = draft / RECORD_FILE
    position, cuts = read_through(record, listed.election, listed.election_digest)
    if position != listed.position:
        raise StartRefused(
            PublicationCode.COPY_DAMAGED,
            "{name} ends at {position}, the list says {listed}",
            name=record.name,
            position=position,
            listed=listed.position,
        )
    signer = load_signer(draft / KEY_FILE, listed.election)
    standing = load_standing(draft / "public" / TRUST)
    trust = standing.data if standing else None
    if trust is not None:
        check_log(signer, trust, cuts[-1].number + 1 if cuts else 0)
    return await _ask(plan, trust, signer, cuts, asking)


async def _ask(
    plan: Restoring,
    trust: TrustData | None,
    signer: Signer,
    cuts: Sequence[CutMade],
    asking: Ask,
) -> list[str]:
    named = [Address(url, url) for url in plan.publishers]
    words = await asking([*named, *(addresses_of(trust, plan.clock()) if trust else ())])
    keys = trust.log.verifiers_at(cuts[-1].number + 1 if cuts else 0) if trust else ()
    keys = keys or (signer.verifier,)
    heard = [word for word in words if checkpoint_in(word, signer.name, keys) is not None]
    if not heard and not plan.nobody_answers:
        asked = ", ".join(f"{word.address.url} ({word.trouble})" for word in words)
        raise StartRefused(
            PublicationCode.NOBODY_ANSWERS, "asked: {asked}", asked=asked or said("nobody is known")
        )
    try:
        check_publishers(words, keys, signer.name, cuts)
    except StartRefused as refused:
        if not (plan.behind and refused.code is PublicationCode.PUBLISHERS_HOLD_MORE):
            raise
    return [word.address.url for word in heard]
