"""What the pages of formats show is taken, or read, as it stands there."""

import lzma
import zipfile
from contextlib import closing
from datetime import datetime
from typing import get_args

from documented.blocks import REPOSITORY, block, blocks_of
from openprep.capture.acts import AnyAct
from openprep.capture.paper import Stage
from openprep.capture.steps import AnyStep
from openprep.election import acta_digest
from openprep.election.declared.folder import load_election
from openprep.election.remit import Remit
from openprep.record.facts import decode_fact
from openprep.record.ledger import Ledger
from openprep.record.sqlite import Record
from openprep.transmission.inbox.inbox import Inbox
from openprep.transmission.keys import Station, make_station_key
from openprep.transmission.station.outbox import Outbox

READ_WITH_PANDAS = block("docs/formats/official-csv.md", "pandas.read_csv")
EXAMPLES = [block for block in blocks_of("docs/formats/envelope.md") if '"fact":' in block.text]
STEPS = [block for block in blocks_of("docs/capture.md") if '"fact":' in block.text]
NIGHT = "20240603_2000"


async def sent(blocks, folder, *remit):
    """The facts of a page, sent by one place with that remit, the receipt and what then stands."""
    election = load_election(REPOSITORY / "elections/puebla-2019")
    key = make_station_key(folder / "D01.key")
    now = datetime.fromisoformat("2019-06-02T23:00:00-05:00")
    facts = [decode_fact(block.text.encode()) for block in blocks]
    with (
        closing(Outbox(folder / "outbox", election.id, "D01", key, lambda: now)) as outbox,
        closing(Record.open(folder / "record.sqlite", election.id, election.digest)) as record,
    ):
        outbox.put(facts)
        ledger = Ledger(record, election.rules)
        d01 = Station(key.public_key(), Remit.of(*remit))
        inbox = Inbox(election, {"D01": d01}.get, ledger, lambda: now)
        receipt = await inbox.receive(outbox.next_pending().body)
        return facts, receipt, ledger.state


async def test_every_step_of_the_capture_page_is_taken_and_leads_where_the_page_says(tmp_path):
    steps, receipt, state = await sent(STEPS, tmp_path, ["GUB"], ["GUB"], ["GUB"])
    assert {type(step) for step in steps} == {*get_args(AnyStep), *get_args(AnyAct)}
    assert (receipt.facts, receipt.held, receipt.conflicts) == (len(steps), 0, 0)
    stages = {paper.acta: paper.stage for paper in state.papers}
    assert stages == {
        "210113B01002": Stage.ACCEPTED,
        "210113E01002": Stage.WITHOUT_ACTA,
        "210113C01002": Stage.REDIGITISE,
        "210115E01002": Stage.DIGITISED,
    }


async def test_every_example_of_the_envelopes_page_goes_through_an_outbox_and_stands(tmp_path):
    facts, receipt, state = await sent(EXAMPLES, tmp_path, ["GUB"])
    assert len(facts) == 6
    assert (receipt.facts, receipt.held, receipt.conflicts) == (6, 0, 0)
    reported = {fact.acta.acta for fact in facts} - {None}
    assert set(state.contests["GUB"].current) == reported


def test_the_digest_of_an_identified_acta_is_that_of_the_example_out_of_catalogue():
    facts = [decode_fact(block.text.encode()) for block in EXAMPLES]
    (outside,) = [fact.acta for fact in facts if fact.acta.acta is None]
    (identified,) = [fact.outside for fact in facts if getattr(fact, "outside", None)]
    assert identified == acta_digest(outside)


def test_pandas_reads_the_official_zip_as_the_page_says(tmp_path, monkeypatch):
    real = REPOSITORY / f"elections/puebla-2024/night/{NIGHT}/PUE_GUB_2024.csv.xz"
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as contest:
        contest.writestr("PUE_GUB_2024.csv", lzma.decompress(real.read_bytes()))
    with zipfile.ZipFile(tmp_path / f"{NIGHT}_PREP.zip", "w") as day:
        day.write(tmp_path / "inner.zip", f"{NIGHT}_PREP_GUB_PUE.zip")
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(READ_WITH_PANDAS.text, names)
    gub = names["gub"]
    assert len(gub) == 8346
    assert list(gub.columns)[:2] == ["CLAVE_CASILLA", "CLAVE_ACTA"]
    assert (gub == "N/A").any().any()
    assert gub["CLAVE_ACTA"].iloc[0].startswith("'21")
    counted = gub[gub["CONTABILIZADA"] == "1"]
    assert counted["TOTAL_VOTOS_CALCULADO"].astype(int).sum() > 2_000_000
