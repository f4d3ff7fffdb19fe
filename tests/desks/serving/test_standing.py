"""How a house stands, looked at beside it: the figures that it has itself."""

import pytest

from desks.serving.running import make_places, plan_of, running
from desks.small_house import image_of, reading, steps_of
from openprep.capture.work.figures import figures_of
from openprep.desks.serving.codes import HouseCode, HouseTrouble
from openprep.desks.serving.folder import HouseFolder
from openprep.desks.serving.standing import standing_of, words_of
from openprep.record.codes import RecordCode, RecordTrouble
from small.election import small_election
from transmission.small_center import ELECTION


@pytest.fixture(autouse=True)
def places(tmp_path):
    return make_places(tmp_path / "places")


async def test_a_house_is_looked_at_while_it_works(tmp_path):
    async with running(plan_of(tmp_path)) as house:
        for acta in ("A0", "A1", "A2"):
            steps = steps_of(acta)
            await house.take(steps.digitise(image_of(acta)), "D01")
            if acta != "A2":
                await house.take(steps.capture("ana", reading(acta), image_of(acta)), "CCV1")
        await house.take(
            steps_of("A0").capture("ana", reading("A0"), image_of("A0"), session="b"), "CCV1"
        )
        found = standing_of(house.folder, ELECTION)
    floor = house.house.floor
    assert found.open
    assert found.papers == {"AYUN": {"captured_once": 2, "digitised": 1}}
    waits = floor.progress.waits.count
    assert found.waiting == {task.value: count for task, count in waits.items() if count}
    assert (found.sealed, found.aside, found.pending) == (6, 1, 7)
    assert found.figures == figures_of(floor.progress, found.as_of)
    assert found.figures.aside == {"R030": 1}
    lines = words_of(found)
    assert "waiting to capture: 3" in lines
    assert "pending: 7 envelopes" in lines


def test_a_folder_in_which_no_house_worked_is_none(tmp_path):
    with pytest.raises(HouseTrouble) as refusal:
        standing_of(HouseFolder(tmp_path), ELECTION)
    assert refusal.value.code is HouseCode.NOT_A_HOUSE


async def test_the_house_of_another_election_is_refused(tmp_path):
    async with running(plan_of(tmp_path)) as house:
        pass
    with pytest.raises(RecordTrouble) as refusal:
        standing_of(house.folder, small_election(id="otra-2024"))
    assert refusal.value.code is RecordCode.OTHER_ELECTION
