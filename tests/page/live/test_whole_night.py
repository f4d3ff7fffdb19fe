"""A tab opened before the first acta and forgotten until the closing cut."""

import json
from datetime import timedelta

from openprep.election.cut import CutKind
from openprep.wire.cut.manifest import Manifest, decode, manifest_path
from page.bench.puebla import Puebla
from page.bench.reading import SOON, number, share, text_of
from page.bench.serving import serving

HOURS = (1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 23)
KEPT = 4_000_000
"""Bytes that the tab may hold at the end beyond what it held after its third cut."""
FIGURES = ("captured", "counted", "votes_with_special", "participation")

NOTE_WHAT_IS_SHOWN = """
window.shown = new Set();
const textOf = (selector) => document.querySelector(selector)?.textContent.trim() ?? null;
new MutationObserver(() => {
  const cut = /Corte (\\d+)/.exec(textOf('.strip .cut'))?.[1];
  const figures = %s.map((name) => textOf(`[data-figure=${name}]`));
  const votes = textOf('.others .total dd');
  // The landing that came with the page has votes, and none of the 13 figures.
  if (figures.some((one) => one !== null)) shown.add(JSON.stringify([cut, ...figures, votes]));
}).observe(document, { subtree: true, childList: true, characterData: true });
""" % json.dumps(FIGURES)  # noqa: UP031 - the text is full of braces


def _expected(night, cut):
    contest = decode(night.tree.read(manifest_path(cut)), Manifest).contests[0]
    figures = [getattr(contest.summary, name) for name in FIGURES[:-1]]
    return [
        str(cut),
        *map(number, figures),
        share(contest.summary.participation),
        number(contest.votes.total),
    ]


def _shown(tab):
    found = [json.loads(text) for text in tab.evaluate("[...shown]")]
    return sorted(found, key=lambda text: int(text[0]))


def _held(devtools):
    devtools.send("HeapProfiler.collectGarbage")
    nodes = devtools.send("Memory.getDOMCounters")["nodes"]
    return devtools.send("Runtime.getHeapUsage")["usedSize"], nodes


def test_a_tab_left_open_for_the_whole_night_never_mixes_cuts_nor_fills_up(
    built, tmp_path, open_tab
):
    night = Puebla(tmp_path, built)
    opens = night.declared.window.opens
    night.make(CutKind.ZERO, opens)
    contest = night.manifest.contests[0].id
    with serving(night) as site:
        tab = open_tab("about:blank")
        tab.add_init_script(NOTE_WHAT_IS_SHOWN)
        tab.goto(f"{site.url}#/{contest}")
        tab.locator(".strip", has_text="Corte 0").wait_for()
        devtools = tab.context.new_cdp_session(tab)
        held = []
        for hour in (*HOURS, None):
            kind = CutKind.LIVE if hour else CutKind.CLOSING
            night.make(kind, opens + timedelta(hours=hour or 24))
            tab.evaluate(SOON)
            tab.locator(".strip .cut", has_text=f"Corte {night.cut} ").wait_for()
            held.append(_held(devtools))
        assert _shown(tab) == [_expected(night, cut) for cut in range(night.cut + 1)]
        assert "último corte" in text_of(tab, ".strip")
        assert tab.locator(".status[data-state=closed]").count() == 1
        bytes_held, nodes = held[-1]
        assert bytes_held < held[2][0] + KEPT
        assert nodes < 1.5 * held[2][1]
