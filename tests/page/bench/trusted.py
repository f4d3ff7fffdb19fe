"""The small night under a trust root of its own: a real ceremony, and publishers that cosign."""

from pathlib import Path

from openprep.ceremony.enrolment import Changes, Founding, found
from openprep.wire.distribution.enrolment import EnrolmentRequest
from openprep.wire.log.checkpoint import Checkpoint, add_cosignature, cosign_checkpoint
from openprep.wire.log.tiles import CHECKPOINT_PATH
from openprep.wire.note import Cosigner, split_note
from openprep.wire.trust import FOLDER, LogKey, TrustData
from page.bench.night import OPENS, Night
from small.trust import NOW, RETAINED, SmallTrust, new_key, publisher

PUBLISHERS = ("tec", "udlap", "diario")


class NightTrust(SmallTrust):
    """The trust root of ``night``, in its tree; every publisher's cosigner key is at hand."""

    def __init__(self, night: Night, folder: Path | None = None) -> None:
        self.night = night
        self.cosigners = {
            name: Cosigner(f"{name}.example/witness", new_key()) for name in PUBLISHERS
        }
        super().__init__(folder or night.tree.path(FOLDER))
        self.version(Changes(requests=[self._request(name) for name in PUBLISHERS]))

    def found(self) -> TrustData:
        keys = [LogKey(str(self.night.signer.verifier))]
        return found(self.night.declared, Founding(keys, 2, RETAINED))

    def _request(self, name: str) -> EnrolmentRequest:
        enrolled = publisher(name, cosigner=str(self.cosigners[name].verifier))
        return EnrolmentRequest(self.night.declared.id, self.night.declared.drill, NOW, enrolled)

    def cosign(self, *names: str) -> None:
        """Publishers cosign the checkpoint that is shown, an hour after the opening."""
        time = int(OPENS.timestamp()) + 3600
        note = self.night.tree.read(f"live/{CHECKPOINT_PATH}")
        checkpoint = Checkpoint.parse(split_note(note)[0])
        for name in names:
            cosigner = self.cosigners[name]
            line = cosign_checkpoint(checkpoint, cosigner, time)
            note = add_cosignature(note, line, [cosigner.verifier])
        self.night.tree.amend_head(self.night.cut, CHECKPOINT_PATH, note)
