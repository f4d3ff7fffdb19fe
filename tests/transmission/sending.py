"""Places of the small centre that send facts, each in envelopes with its own next number."""

from openprep.record.aside import Reason
from openprep.record.facts import Fact
from openprep.record.state import State, Version, empty_state, fold
from openprep.transmission.answers import Receipt
from transmission.small_center import SmallCenter, by


class Places:
    """Sends facts by places, and looks at what came of them."""

    def __init__(self, center: SmallCenter) -> None:
        self.center = center
        self.sent: dict[str, int] = {}

    async def send(self, place: str, *facts: Fact) -> Receipt:
        number = self.sent.get(place, 0) + 1
        receipt = await self.center.inbox.receive(by(place, number, *facts))
        self.sent[place] = number
        return receipt

    @property
    def state(self) -> State:
        state = self.center.ledger.state
        again = fold(self.center.record.read(), empty_state(self.center.rules))
        assert state == again, "the fold needs no trust"
        return state

    def history(self, acta: str = "A0") -> tuple[Version, ...]:
        return self.state.contest("AYUN").history(acta)

    def standing(self, number: int) -> Version | None:
        return self.state.contest("AYUN").current.get(f"A{number}")

    @property
    def waiting(self) -> list[tuple[str, Reason]]:
        """The facts that wait for a person: by whom, and why."""
        return [(held.station, held.why) for held in self.state.waiting()]
