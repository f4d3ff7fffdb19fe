"""Strangers cannot close the inbox, the tree or the making of cuts: a real centre, attacked."""

import pytest
from benchmarks.attackers import attacked

from doors.night import night
from hostile.center import INBOX, TREE, real_center


@pytest.mark.parametrize("attack", INBOX)
async def test_the_inbox_attacked_takes_every_envelope_and_cuts_go_on(tmp_path, attack):
    with real_center(tmp_path / "center") as (inbox, tree), attacked(inbox, *INBOX[attack]):
        await night(inbox, tree)
    assert (tmp_path / "center" / "log").stat().st_size < 20_000


@pytest.mark.parametrize("attack", TREE)
async def test_the_tree_attacked_is_still_read_and_reception_and_cuts_go_on(tmp_path, attack):
    with real_center(tmp_path / "center") as (inbox, tree), attacked(tree, *TREE[attack]):
        await night(inbox, tree)


async def test_both_ports_attacked_at_once(tmp_path):
    half = ("half request", 700)
    with (
        real_center(tmp_path / "center") as (inbox, tree),
        attacked(inbox, *half),
        attacked(tree, *half),
    ):
        await night(inbox, tree)
