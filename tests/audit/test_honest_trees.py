"""Honest trees pass whole, wherever they are read from and whatever cut is asked for."""

import asyncio
import os
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner

from audit.liar import KINDS, LAST, audited, failed
from drill.small_drill import Centre, small_drill
from hostile.stale_zones import zone_data_before_2022f
from openprep.audit.codes import AuditCode, AuditRefused
from openprep.audit.report import State
from openprep.cli.main import main
from openprep.election.cut import CutKind
from openprep.hosting.http.application import serve_tree
from openprep.wire.note import Signer
from small.election import OPENS
from small.trust import new_key

NEVER_IN_SMALL_TREES = {"X011", "X038"}
"""Cosignatures; codes, which these small pictures have none of."""


def test_an_honest_night_passes_and_every_check_looks_at_something(honest):
    report = audited(honest.tree.root, honest.signer.verifier)
    assert failed(report) == set()
    idle = {outcome.code for outcome in report.outcomes if outcome.state is State.NOT_REACHED}
    assert idle == NEVER_IN_SMALL_TREES
    assert (report.cut, report.kind, report.election) == (LAST, "closing", "chica-2024")
    assert report.size == honest.tree_size()


@pytest.mark.parametrize("cut", range(LAST + 1))
def test_every_cut_of_the_night_passes_by_itself(honest, cut):
    report = audited(honest.tree.root, honest.signer.verifier, cut=cut)
    assert failed(report) == set()
    assert (report.cut, report.kind) == (cut, KINDS[cut].value)


def test_a_cut_that_was_not_made_is_refused_by_name(honest):
    with pytest.raises(AuditRefused) as refused:
        audited(honest.tree.root, honest.signer.verifier, cut=LAST + 1)
    assert refused.value.code is AuditCode.NO_SUCH_CUT


async def test_the_same_over_http_from_the_centre_s_own_server(honest):
    app = web.Application()
    app.router.add_get("/{path:.*}", serve_tree(honest.tree))
    async with TestServer(app) as server:
        report = await asyncio.to_thread(audited, str(server.make_url("/")), honest.signer.verifier)
    assert failed(report) == set()
    assert report.cut == LAST


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def plain_server(honest):
    """Python's own file server, at a sub-path, without ranges, closing each connection."""
    handler = partial(Quiet, directory=os.fspath(honest.tree.root.parent))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{honest.tree.root.name}"
    server.shutdown()
    server.server_close()


def test_the_same_from_any_file_server_under_a_sub_path(honest, plain_server):
    assert failed(audited(plain_server, honest.signer.verifier)) == set()


@pytest.mark.parametrize(
    "page", [None, b"<!doctype html><p>Bienvenido al hotel</p>\n", b"\xff\xd8"]
)
def test_a_place_that_has_no_tree_is_refused_in_one_coded_line(honest, tmp_path, page):
    """A page that answers everything with 200, as a service's or a hotel's does."""
    if page is not None:
        for name in ("checkpoint", "current.json"):
            (tmp_path / name).write_bytes(page)
    command = ["audit", "tree", str(tmp_path), "--key", str(honest.signer.verifier)]
    answer = CliRunner().invoke(main, command)
    assert answer.exit_code == 2
    assert answer.output.startswith("X006 ")
    assert answer.output.count("\n") == 1


def test_a_tree_whose_checkpoint_is_damaged_is_still_a_tree_and_fails(honest, liar):
    checkpoint = (liar.tree.root / "checkpoint").resolve()
    checkpoint.unlink()
    checkpoint.write_bytes(b"damaged")
    assert "X010" in failed(audited(liar.tree.root, honest.signer.verifier))


def test_a_report_under_another_key_says_in_words_that_nothing_was_believed(honest):
    other = Signer(honest.signer.name, new_key()).verifier
    command = ["audit", "tree", str(honest.tree.root), "--key", str(other)]
    answer = CliRunner().invoke(main, command)
    assert answer.exit_code == 1
    assert "none that could be believed" in answer.output
    assert "None" not in answer.output


@pytest.mark.parametrize("place", ["/nowhere/at/all", "http://127.0.0.1:1/"])
def test_a_place_that_is_nowhere_is_refused(honest, place):
    with pytest.raises(AuditRefused) as refused:
        audited(place, honest.signer.verifier)
    assert refused.value.code is AuditCode.UNREACHABLE


def test_the_drill_of_a_corner_of_the_nation_passes_with_its_federal_database(tmp_path):
    drill, _ = small_drill(7)
    centre = Centre(drill, tmp_path / "tree")
    opens, closes = centre.election.window.opens, centre.election.window.closes
    centre.cut(opens, CutKind.ZERO)
    centre.cut(opens + timedelta(hours=3, seconds=1))
    centre.cut(closes, CutKind.CLOSING)
    report = audited(centre.tree.root, centre.signer.verifier)
    assert failed(report) == set()
    assert sum(outcome.looked_at for outcome in report.outcomes if outcome.code == "X031") > 16


def test_an_auditor_needs_no_zone_data(honest, tmp_path):
    """Mexico ended summer time in 2022: a machine that does not know it accuses nobody."""
    with zone_data_before_2022f(tmp_path):
        hours = ZoneInfo("America/Mexico_City").utcoffset(OPENS.replace(tzinfo=None))
        assert hours == timedelta(hours=-5)
        assert failed(audited(honest.tree.root, honest.signer.verifier)) == set()
