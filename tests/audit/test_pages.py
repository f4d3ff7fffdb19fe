"""The audit of what readers see: figures in the pages, and all that the pages run."""

import gzip
import json
import shutil
import threading
import tracemalloc
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import brotli
import pytest
from click.testing import CliRunner

from audit.liar import LAST, HonestCenter, audited, failed
from openprep import __version__
from openprep.audit.codes import AuditCode
from openprep.cli import main
from openprep.pages.codes import PageCode, PageTrouble
from openprep.pages.releases import Releases
from openprep.pages.rendering import Renderer, TreeReader, place_assets
from openprep.wire.cut import manifest as wire
from served.kits import FOREIGN, deceiving, installed, made, renamed
from small.center import SmallCenter

FIGURES, FILES, CODE, RELEASE, BYTES = "X053", "X051", "X052", "X050", "X054"


PACKED = {".br": brotli.compress, ".gz": gzip.compress}


@pytest.fixture
def shown(honest, tmp_path):
    """A copy of an honest tree, to be altered, and its key."""
    folder = tmp_path / "shown"
    shutil.copytree(honest.tree.root, folder, symlinks=True)
    return folder, honest.signer.verifier


def alter(folder, name, change):
    """Alter a file as somebody with the publisher's disk would."""
    path = (folder / name).resolve() if (folder / name).exists() else folder / name
    before = path.read_text() if path.exists() else ""
    after = change(before)
    assert after != before
    for copy in (path, *(path.with_name(path.name + suffix) for suffix in PACKED)):
        copy.unlink(missing_ok=True)
    path.write_text(after)


def places(report, code):
    return " | ".join(next(outcome.places for outcome in report.outcomes if outcome.code == code))


def test_a_centre_that_shows_false_figures_and_foreign_code_fails_by_page_and_figure(tmp_path):
    centre = HonestCenter(tmp_path / "tree", kit=deceiving(tmp_path / "kit")).night()
    report = audited(centre.tree.root, centre.signer.verifier, places=20)
    assert {RELEASE, FIGURES} <= failed(report)
    said = places(report, FIGURES)
    for page in ("index.html", "AYUN.html", "texto.html", f"cuts/{LAST}.html"):
        assert f"{page}: AYUNTAMIENTOS, LILA: it says '999,999 votos" in said
    assert "counted: LILA 82 votos" in said
    assert "use --release" in AuditCode.RELEASE.meaning


def test_that_centre_s_own_list_does_not_hide_its_figures(tmp_path):
    kit = deceiving(tmp_path / "kit")
    centre = HonestCenter(tmp_path / "tree", kit=kit).night()
    releases = Releases.gather((tmp_path / "kit" / "release.json",))
    assert failed(audited(centre.tree.root, centre.signer.verifier, releases=releases)) == {FIGURES}


def test_under_the_true_list_its_script_and_its_pages_are_named(tmp_path):
    """A centre that shows the true list beside what it altered."""
    kit = deceiving(tmp_path / "kit")
    centre = HonestCenter(tmp_path / "tree", kit=kit).night()
    true = installed().standing["release.json"].decode()
    alter(centre.tree.root, "release.json", lambda _: true)
    report = audited(centre.tree.root, centre.signer.verifier, places=20)
    assert failed(report) == {FILES, FIGURES, BYTES}
    script = next(name for name, data in kit.assets.items() if FOREIGN.encode() in data)
    assert f"{script} is not the release's" in places(report, FILES)
    assert "texto.html is not what release" in places(report, BYTES)


FRAMED = "9\u20e3"
"""A nine as a key of a telephone has it."""

VISIBLE = {
    "votes of a candidacy": ("82 votos", "182 votos"),
    "votes written across elements": ("82 votos", "1<b>82</b> votos"),
    "a share": ("8.4362 %", "18.4362 %"),
    "actas captured": ("7 de 8", "8 de 8"),
    "participation": ("<b>34.7142 %</b>", "<b>43.7142 %</b>"),
    "null votes": ("<dd>98 ", "<dd>89 "),
    "the total": ("<dd>972</dd>", "<dd>9,720</dd>"),
    "who": ("LILA", "ROSA"),
    "its cut": ("Corte 4", "Corte 3"),
    "a sentence": ("Va primero en", "Le faltan 1,234 votos; va primero en"),
    "a percentage in words": ("Va primero en", "Es ya el 61.0000 %; va primero en"),
    "votes in high digits": ("Va primero en", "Con ¹²³⁴⁵ va primero en"),
    "votes in framed digits": (
        "Va primero en",
        f"Con {FRAMED * 3} va primero en",
    ),
    "votes in circles": ("Va primero en", "Con \u2779\u24fd\u24fd va primero en"),
    "a half": ("Va primero en", "Con 61\u00bd va primero en"),
    "the length of a bar": ('width="84362"', 'width="843620"'),
    "an attribute that is read aloud": ('aria-labelledby="', 'aria-label="12,345 votos" id="'),
}


def figure(page, old, new):
    assert old in page, old
    return page.replace(old, new)


@pytest.fixture
def numbers(honest):
    """The page's own text of what a lie replaces."""
    return (honest.tree.root / "index.html").read_text()


@pytest.mark.parametrize("what", VISIBLE)
def test_a_figure_that_was_not_counted_is_named(shown, numbers, what):
    folder, key = shown
    old, new = VISIBLE[what]
    if old not in numbers:
        pytest.fail(f"{old!r} is not in the page")
    for name in ("index.html", f"cuts/{LAST}.html"):
        alter(folder, name, lambda page: figure(page, old, new))
    report = audited(folder, key)
    assert failed(report) == {FIGURES, BYTES}, places(report, FIGURES)
    assert "index.html: " in places(report, FIGURES)


@pytest.mark.parametrize("sign", ["\u202e", "&#8238;", "&shy;", "&#x200b;", "\x1b$B", "\ufeff"])
def test_a_sign_that_turns_or_hides_figures_is_named(shown, sign):
    """``28 votos`` after U+202E is 82 to whoever reads it; nine, U+200B, nine is ninety-nine."""
    folder, key = shown
    for name in ("index.html", "texto.html", f"cuts/{LAST}.html"):
        alter(folder, name, lambda page: page.replace("82 votos", f"{sign}82 votos"))
    report = audited(folder, key)
    assert failed(report) == {CODE, BYTES}
    for name in ("index.html", "texto.html", f"cuts/{LAST}.html"):
        assert f"{name}: a character that nobody sees" in places(report, CODE)


def test_who_leads_must_be_shown_and_nobody_before_the_last_left_out(shown):
    folder, key = shown
    page = (folder / "texto.html").read_text()
    entries = [line for line in page.splitlines() if line.startswith("<li>")]
    for gone in (entries[0], entries[1]):
        alter(folder, "texto.html", lambda _, gone=gone: page.replace(gone, ""))
        report = audited(folder, key)
        assert failed(report) == {FIGURES, BYTES}
    alter(folder, "texto.html", lambda _: page.replace("\n".join(entries), ""))
    assert "who leads: it says 'nobody'" in places(audited(folder, key), FIGURES)
    alter(folder, "texto.html", lambda _: page.replace("<h2>AYUNTAMIENTOS", "<h2>ELECCIONES"))
    assert "the whole: it says 'nothing'" in places(audited(folder, key), FIGURES)


def test_the_rows_of_areas_and_groups_are_read(shown):
    folder, key = shown
    page = (folder / "AYUN.html").read_text()
    for old, new in (
        ("4 de 4 <span>100.0000 %", "3 de 4 <span>100.0000 %"),
        (">UNO<", ">DOS<"),
        (">Casillas especiales<", ">Casillas urbanas<"),
        ("100.0000 % <span>2<", "100.0000 % <span>3<"),
    ):
        alter(folder, "AYUN.html", lambda _, old=old, new=new: figure(page, old, new))
        report = audited(folder, key)
        assert failed(report) == {FIGURES, BYTES}, (old, places(report, FIGURES))


PUT_IN = {
    "a script": "<script>alert(1)</script>",
    "a script of another site": '<script src="https://elsewhere.example/a.js"></script>',
    "a script of its own": '<script src="assets/evil.js"></script>',
    "a handler": '<p onclick="alert(1)">Ver</p>',
    "a frame": '<iframe src="marco.html"></iframe>',
    "a picture of another site": '<img src="//elsewhere.example/a.png">',
    "a link elsewhere": '<a href="https://elsewhere.example/">Ver</a>',
    "a link that runs": '<a href="javascript:alert(1)">Ver</a>',
    "a link that runs, disguised": '<a href="java&#115;cript&colon;alert(1)">Ver</a>',
    "a base": '<base href="https://elsewhere.example/">',
    "a style": "<style>.contender { display: none }</style>",
    "a style of one": '<p style="display: none">Ver</p>',
    "a hidden piece": "<p hidden>Ver</p>",
    "a refresh": '<meta http-equiv="refresh" content="0;url=https://elsewhere.example/">',
    "an open comment": "<!-- <p>Ver</p>",
    "an open tag": "<p class='a'>Ver</p",
    "a form": '<form action="x"><input name="a"></form>',
    "a figure drawn": '<svg viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>',
    "a figure turned around": '<p><bdo dir="rtl">28</bdo></p>',
    "cells moved aside": '<table><tr><td rowspan="2">Ver</td></tr></table>',
    "a colour of elsewhere": '<svg><rect width="1" fill="url(//elsewhere.example/a)"/></svg>',
    "a picture for who shares": '<meta property="og:image" content="//elsewhere.example/a.png">',
    "another encoding": '<meta charset="iso-2022-jp">',
    "a value that is read aloud": '<p role="meter" aria-valuetext="12,345 votos">Ver</p>',
    "a kind that is read aloud": '<p role="img" aria-roledescription="12,345 votos">Ver</p>',
    "a piece that the page's styles hide": '<p class="note visually-hidden">Ver</p>',
    "a datum of a style": '<p data-frame="yes">Ver</p>',
    "a link in a drawing": '<svg><a xlink:href="https://elsewhere.example/">Ver</a></svg>',
}


@pytest.mark.parametrize("what", PUT_IN)
@pytest.mark.parametrize("name", ["index.html", "AYUN.html", "texto.html"])
def test_what_could_run_or_fetch_in_a_page_s_results_is_named(shown, what, name):
    folder, key = shown
    at = "<h2" if name == "texto.html" else '<div class="frame view">'
    alter(folder, name, lambda page: page.replace(at, f"{PUT_IN[what]}{at}", 1))
    report = audited(folder, key)
    assert {CODE, BYTES} <= failed(report)
    assert f"{name}: <" in places(report, CODE)


@pytest.mark.parametrize(
    "at", ["</head>", "</body>", "<!--openprep:head-->", "<!--openprep:results-->", "</html>"]
)
def test_a_script_anywhere_around_the_figures_is_named(shown, at):
    folder, key = shown
    evil = '<script src="assets/evil.js"></script>'
    alter(folder, "AYUN.html", lambda page: page.replace(at, f"{evil}{at}", 1))
    report = audited(folder, key)
    assert failed(report) & {FILES, CODE}
    assert "assets/evil.js" in places(report, FILES) + places(report, CODE)


def test_a_page_of_another_contest_or_without_its_marks_is_found(shown):
    folder, key = shown
    alter(folder, "AYUN.html", lambda page: page.replace('data-route="#/AYUN"', 'data-route="#/X"'))
    assert FILES in failed(audited(folder, key))
    alter(folder, "AYUN.html", lambda _: "<!doctype html><p>999,999 votos</p>")
    assert {FILES, FIGURES, BYTES} <= failed(audited(folder, key))


@pytest.mark.parametrize("name", ["sw.js", "openprep-results.js", "marco.html"])
def test_every_file_that_says_nothing_of_a_cut_is_held_against_the_list(shown, name):
    folder, key = shown
    alter(folder, name, lambda text: text + FOREIGN)
    report = audited(folder, key)
    assert failed(report) == {FILES}
    assert f"{name} is not the release's" in places(report, FILES)


def test_every_asset_is_held_against_the_list(shown):
    folder, key = shown
    for name, data in installed().assets.items():
        path = folder / name
        path.write_bytes(data + b" ")
        assert failed(audited(folder, key)) == {FILES}, name
        path.unlink()
        assert failed(audited(folder, key)) == {FILES}, name
        path.write_bytes(data)
    assert failed(audited(folder, key)) == set()


@pytest.mark.parametrize("name", ["assets/evil-abc.js", "live/evil.js", "live/evil.html"])
def test_what_no_list_has_may_not_stand_in_a_tree(shown, name):
    folder, key = shown
    (folder / name).write_text(FOREIGN)
    report = audited(folder, key)
    assert failed(report) == {CODE}
    assert name.removeprefix("live/") in places(report, CODE)


COPIED = ("index.html", "AYUN.html", "assets", "sw.js", f"cuts/{LAST - 1}.html")


@pytest.mark.parametrize("suffix", PACKED)
@pytest.mark.parametrize("name", COPIED)
def test_a_compressed_copy_that_shows_another_page_is_found(shown, name, suffix):
    """Browsers take the copy, and whoever asks for the file itself sees nothing."""
    folder, key = shown
    if name == "assets":
        name = next(asset for asset in installed().assets if asset.endswith(".js"))
    path = (folder / name).resolve()
    copy = path.with_name(path.name + suffix)
    for lie in (PACKED[suffix](path.read_bytes() + FOREIGN.encode()), b"none", b""):
        copy.write_bytes(lie)
        report = audited(folder, key)
        assert failed(report) == {FILES}
        assert f"{name} is another one as sent in " in places(report, FILES)


def test_a_copy_that_unpacks_without_end_is_met_without_its_weight_in_memory(shown):
    folder, key = shown
    path = (folder / "index.html").resolve()
    path.with_name("index.html.br").write_bytes(brotli.compress(bytes(200 * 1024 * 1024)))
    tracemalloc.start()
    report = audited(folder, key)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert failed(report) == {FILES}
    assert most < 100 * 1024 * 1024


@pytest.mark.parametrize("cut", range(LAST))
def test_the_page_of_a_past_cut_is_held_against_that_cut(shown, cut):
    folder, key = shown
    page = f"cuts/{cut}.html"
    alter(folder, page, lambda text: text.replace("<h2", "<p>Ganó con 999,999 votos</p><h2", 1))
    report = audited(folder, key)
    assert failed(report) == {FIGURES}
    assert f"{page}: " in places(report, FIGURES)
    alter(folder, page, lambda text: text.replace("</head>", f"<script>{FOREIGN}</script></head>"))
    assert FILES in failed(audited(folder, key))


def test_a_page_of_no_cut_is_found(shown):
    folder, key = shown
    shutil.copy(folder / f"cuts/{LAST}.html", folder / f"cuts/{LAST + 1}.html")
    report = audited(folder, key)
    assert failed(report) == {CODE}
    assert failed(audited(folder, key, cut=LAST - 1)) == {CODE}
    (folder / f"cuts/{LAST + 1}.html").unlink()
    assert failed(audited(folder, key, cut=LAST - 1)) == set()


@pytest.mark.parametrize("name", ["index.html", "AYUN.html", "texto.html", f"cuts/{LAST}.html"])
def test_a_page_that_is_withheld_is_found(shown, name):
    folder, key = shown
    (folder / name).resolve().unlink()
    report = audited(folder, key)
    assert failed(report) == {FILES}
    assert f"{name} is not there" in places(report, FILES)


def test_a_server_that_shows_browsers_another_page_is_found(shown):
    """Over HTTP, who takes compressed pages may be answered otherwise than who does not."""
    folder, key = shown

    class Liar(SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            data = (folder / self.path[1:]).read_bytes() if self._there() else b""
            lies = self.path == "/AYUN.html" and "gzip" in self.headers["Accept-Encoding"]
            self.send_response(200 if self._there() else 404)
            if lies:
                data = gzip.compress(data.replace(b"82 votos", b"28 votos"))
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _there(self):
            return (folder / self.path[1:]).is_file()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Liar) as server:
        threading.Thread(target=server.serve_forever).start()
        report = audited(f"http://127.0.0.1:{server.server_port}", key)
        server.shutdown()
    assert failed(report) == {FILES}
    assert places(report, FILES) == "AYUN.html is another one as sent in gzip"


def test_after_an_upgrade_both_releases_are_to_be_given(tmp_path):
    centre = SmallCenter(tmp_path / "tree", kit=renamed(tmp_path / "older", "0.0.1"))
    centre.next_cut()
    place_assets(centre.tree, installed())
    pages = Renderer(installed(), TreeReader(centre.tree)).render(
        wire.decode(centre.tree.read("cuts/0.json"), wire.Manifest)
    )
    data = {name: centre.tree.read(name) for name in ("current.json", "checkpoint")}
    centre.tree.flip(0, {**data, **pages})
    key = centre.signer.verifier
    assert failed(audited(centre.tree.root, key)) == {CODE}
    both = Releases.gather((tmp_path / "older" / "release.json",), installed())
    assert failed(audited(centre.tree.root, key, releases=both)) == set()


def test_a_tree_of_a_release_that_nobody_gave_fails_until_its_list_is_given(tmp_path):
    newer = renamed(tmp_path / "newer", "99.0.0")
    centre = HonestCenter(tmp_path / "tree", kit=newer).night()
    key = centre.signer.verifier
    report = audited(centre.tree.root, key)
    assert RELEASE in failed(report)
    assert f"known here: {__version__}" in places(report, RELEASE)
    given = Releases.gather((tmp_path / "newer" / "release.json",), installed())
    assert failed(audited(centre.tree.root, key, releases=given)) == set()
    nobody = Releases()
    assert RELEASE in failed(audited(centre.tree.root, key, releases=nobody))


def test_words_of_the_installed_release_that_were_altered_are_found(shown):
    folder, key = shown
    alter(folder, "texto.html", lambda page: page.replace("preliminares", "definitivos"))
    assert failed(audited(folder, key)) == {BYTES}


def test_the_command_takes_lists_and_refuses_what_is_none(tmp_path):
    newer = renamed(tmp_path / "newer", "99.0.0")
    centre = HonestCenter(tmp_path / "tree", kit=newer).night(1)
    command = ["audit", "tree", str(centre.tree.root), "--key", str(centre.signer.verifier)]
    run = CliRunner().invoke(main, [*command, "--json"])
    assert run.exit_code == 1
    assert RELEASE in {
        outcome["code"] for outcome in json.loads(run.output)["outcomes"] if outcome["failed"]
    }
    listed = str(tmp_path / "newer" / "release.json")
    run = CliRunner().invoke(main, [*command, "--release", listed])
    assert run.exit_code == 0, run.output
    assert "release 99.0.0" in run.output
    (tmp_path / "none.json").write_text('{"schema": 9}')
    run = CliRunner().invoke(main, [*command, "--release", str(tmp_path / "none.json")])
    assert run.exit_code == 2
    assert "none.json is no list of a release" in run.output


def test_the_same_build_gives_the_same_list(tmp_path):
    first, second = (made(tmp_path / name, version=__version__) for name in ("a", "b"))
    assert first.standing["release.json"] == second.standing["release.json"]
    assert first.name == second.name


def test_a_list_too_long_or_of_another_kind_is_refused(tmp_path):
    for text in ("{", '{"schema": 1}', " " * (1024 * 1024 + 1)):
        path = tmp_path / "list.json"
        path.write_text(text)
        with pytest.raises(PageTrouble, match=PageCode.NOT_A_RELEASE.code):
            Releases.gather((path,))
