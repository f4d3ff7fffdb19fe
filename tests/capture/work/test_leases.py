"""An acta is lent for a while, and comes back by itself."""

from openprep.capture.work.leases import Lease, Leases
from openprep.capture.work.tasks import Task

A0, A1 = ("AYUN", "A0"), ("AYUN", "A1")


def lease(person="ana", key=A0, until=300.0, task=Task.CAPTURE):
    return Lease(task, key, person, "CCV1", until)


def test_what_runs_out_comes_back_once():
    leases = Leases()
    leases.give(lease())
    assert list(leases.expire(299.0)) == []
    assert list(leases.expire(300.0)) == [lease()]
    assert list(leases.expire(301.0)) == []
    assert len(list(leases.lent())) == 0


def test_what_was_lent_for_longer_does_not_run_out_at_its_old_time():
    leases = Leases()
    leases.give(lease())
    leases.give(lease(until=600.0))
    assert list(leases.expire(400.0)) == []
    assert len(list(leases.lent())) == 1
    assert list(leases.expire(600.0)) == [lease(until=600.0)]


def test_a_person_gives_back_their_own_and_nobody_elses():
    leases = Leases()
    for person, key in (("ana", A0), ("beto", A0), ("ana", A1)):
        leases.give(lease(person, key))
    assert leases.on(Task.CAPTURE, A0) == 2
    assert {taken.key for taken in leases.end_all_of("ana")} == {A0, A1}
    assert leases.on(Task.CAPTURE, A0) == 1
    assert leases.held("beto", Task.CAPTURE) == [lease("beto")]
    assert leases.end("ana", A0) is None
