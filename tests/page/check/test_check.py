"""The reader's browser as an auditor: five checks, of an honest tree and of hostile ones."""

import hashlib
import json
import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from msgspec.structs import replace

from openprep.cli.main import main
from openprep.cuts import composing
from openprep.cuts.cutter import CutOrder
from openprep.election.cut import CutKind
from openprep.wire.cut.ref import pack_path
from openprep.wire.log.checkpoint import Checkpoint, sign_checkpoint
from openprep.wire.log.merkle import leaf_hash
from openprep.wire.log.tiles import CHECKPOINT_PATH, ENTRIES, Tile
from openprep.wire.note import Signer, split_note
from page.bench.browser import DESKTOP, PHONE
from page.bench.night import CORRECTED, OPENS, SECOND, Night
from page.bench.reading import (
    KEPT,
    broken_policies,
    note_broken_policies,
    number,
    open_route,
    share,
    squeeze,
    text_of,
)
from page.bench.serving import serving
from page.bench.trusted import NightTrust
from small.trust import new_key

CORRECTED_ACTA = "#/comprobar/GUB/001/0101/210101C0100"
IMAGE = b"an image of an acta"


class CheckedNight(Night):
    """The night with an image in cut 2 whose bytes are known, and a database in it."""

    def next_cut(self):
        if self.cut != 1:
            return super().next_cut()
        self.cut += 1
        image = hashlib.sha256(IMAGE).hexdigest()
        self._learn(*(replace(acta, image_sha256=image) for acta in SECOND))
        at = OPENS + timedelta(minutes=30)
        database = self.cutter.write_database(self.cutter.snapshot(at))
        order = CutOrder(2, CutKind.LIVE, at, self._position, self.previous, [database])
        made = self.cutter.make(order)
        self.cutter.activate(made)
        self.previous = made.event.manifest_sha256
        return None


@pytest.fixture(scope="module")
def checked(built, tmp_path_factory):
    """The night at cut 2 under a trust root, cosigned by two of three, for tests that only read."""
    night = CheckedNight(tmp_path_factory.mktemp("checked"), built).to(2)
    trust = NightTrust(night)
    trust.cosign("tec", "diario")
    with serving(night) as site:
        site.trust = trust
        yield site


@pytest.fixture
def trusted(living):
    """The night at cut 1 under a trust root, for a test that tampers."""
    living.night.to(1)
    living.trust = NightTrust(living.night)
    living.trust.cosign("tec")
    return living


def _open(open_tab, site, address="#/comprobar", **options):
    tab = open_tab(site.url + address, complaining=False, **options)
    tab.locator(".check").first.wait_for()
    return tab


def _check(tab, name, button):
    """Press a check's button; its verdict and what it says."""
    tab.locator(f"[data-check={name}]").get_by_role("button", name=button).click()
    return _outcome(tab, name)


def _outcome(tab, name):
    settled = (f"[data-check={name}][data-verdict={verdict}]" for verdict in ("good", "bad"))
    section = tab.locator(", ".join(settled))
    section.wait_for()
    return section.get_attribute("data-verdict"), squeeze(section.locator(".outcome").inner_text())


def _evidence(tab, name):
    section = tab.locator(f"[data-check={name}]")
    section.locator(".evidence summary").click()
    return squeeze(section.locator(".evidence").inner_text())


# 1. Signatures


def test_the_signatures_hold_and_the_spoken_number_is_shown(checked, open_tab):
    tab = _open(open_tab, checked)
    verdict, said = _check(tab, "signature", "Comprobar las firmas")
    assert verdict == "good"
    assert "El corte 2 está en el registro público" in said
    assert "2 de 3 difusores firmaron" in said
    assert "Es lo que pide la regla de esta elección (2)" in said
    assert "ve este registro por primera vez" in said
    evidence = _evidence(tab, "signature")
    assert checked.trust.fingerprint in evidence
    for fact in (
        "authority, auditor, notary",
        "2 de 3 firmas necesarias",
        checked.night.signer.verifier.key_hash.hex(),
        "Universidad tec 2 jun 2024, 21:00:00 (UTC-6)",
        "Universidad udlap Aún no",
    ):
        assert fact in evidence


def test_a_number_that_was_heard_is_compared(checked, open_tab):
    tab = _open(open_tab, checked)
    _check(tab, "signature", "Comprobar las firmas")
    _evidence(tab, "signature")
    heard = tab.get_by_label("Escriba o pegue el número que usted conoce")
    spoken = checked.trust.fingerprint
    other = spoken[:-1] + ("0" if spoken[-1] != "0" else "1")
    answers = {
        spoken.replace(" ", "-"): "Coincide",
        other: "No coincide",
        "12345": "El número tiene 40 dígitos",
    }
    for typed, answer in answers.items():
        heard.fill(typed)
        assert answer in text_of(tab, ".compared")


def test_expired_trust_is_told_and_does_not_stop_a_reader_of_a_past_election(checked, open_tab):
    tab = _open(open_tab, checked)
    verdict, said = _check(tab, "signature", "Comprobar las firmas")
    assert verdict == "good"
    assert "De la raíz de confianza venció la lista de quienes firman (31 jul 2024" in said
    assert "(UTC-6)" in said
    assert "UTC+0" not in text_of(tab)


def test_without_a_trust_root_it_is_said_plainly_and_who_signed_is_named(standing, open_tab):
    tab = _open(open_tab, standing)
    verdict, said = _check(tab, "signature", "Comprobar las firmas")
    assert verdict == "bad"
    assert "Este sitio no publica una raíz de confianza" in said
    assert f"prueba-2024/center {standing.night.signer.verifier.key_hash.hex()}" in said


def test_the_log_is_held_against_what_this_device_saw(trusted, open_tab):
    tab = _open(open_tab, trusted)
    _check(tab, "signature", "Comprobar las firmas")
    assert "el mismo registro que este dispositivo vio" in _check(tab, "signature", "otra vez")[1]
    trusted.night.next_cut()
    tab.evaluate("window.dispatchEvent(new Event('online'))")
    tab.locator(".cut", has_text="Corte 2").wait_for()
    verdict, said = _check(tab, "signature", "otra vez")
    assert verdict == "good"
    assert "El registro creció desde la última vez" in said


def test_another_history_of_the_same_size_is_a_fork(trusted, built, open_tab, tmp_path):
    tab = _open(open_tab, trusted)
    _check(tab, "signature", "Comprobar las firmas")
    other = Night(tmp_path / "other", built)
    spoilt = replace(CORRECTED, votes=(999, *CORRECTED.votes[1:]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("page.bench.night.CORRECTED", spoilt)
        other.to(1)
    _serve_instead(trusted.night, other)
    # With what the device remembers, and none of the files that its browser kept.
    tab = _open(open_tab, trusted, storage_state=tab.context.storage_state())
    verdict, said = _check(tab, "signature", "Comprobar las firmas")
    assert verdict == "bad"
    assert "ya no continúa el que este dispositivo vio" in said


def _serve_instead(night, other):
    for path in other.tree.root.rglob("*"):
        if path.is_file() and not path.is_symlink() and "heads" not in path.parts:
            target = night.tree.root / path.relative_to(other.tree.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    for name in ("current.json", "index.html", CHECKPOINT_PATH):
        data = other.tree.read(f"live/{name}")
        (night.tree.root / "live" / name).write_bytes(data)
        (night.tree.root / "live" / f"{name}.gz").unlink(missing_ok=True)


def test_a_trust_root_that_changes_or_goes_is_noticed(trusted, open_tab, tmp_path):
    tab = _open(open_tab, trusted)
    _check(tab, "signature", "Comprobar las firmas")
    remembered = tab.context.storage_state()
    trusted.night.tree.path("trust").rename(tmp_path / "gone")
    tab = _open(open_tab, trusted, storage_state=remembered)
    assert "ya no la tiene" in _check(tab, "signature", "Comprobar las firmas")[1]
    NightTrust(trusted.night)
    tab = _open(open_tab, trusted, storage_state=remembered)
    verdict, said = _check(tab, "signature", "Comprobar las firmas")
    assert verdict == "bad"
    assert "no es la que este dispositivo vio antes" in said


def _forge(night, edit):
    note = night.tree.read(f"live/{CHECKPOINT_PATH}")
    night.tree.amend_head(night.cut, CHECKPOINT_PATH, edit(note))


def _resigned(signer):
    return lambda note: sign_checkpoint(Checkpoint.parse(split_note(note)[0]), [signer])


FORGERIES = {
    "another key under the log's name": (
        _resigned(Signer("prueba-2024/center", new_key())),
        "no está firmada por ninguna llave",
    ),
    "another root under the old signature": (
        lambda note: note.replace(note.split(b"\n")[2], b"A" * 43 + b"="),
        "Una firma no corresponde a lo firmado",
    ),
    "a cosignature that was altered": (
        lambda note: note[:-21] + (b"A" if note[-21:-20] != b"A" else b"B") + note[-20:],
        "Una firma no corresponde a lo firmado",
    ),
    "no note at all": (lambda note: b"<html>hola</html>", "La nota firmada está mal formada"),
    "a note of something else": (
        lambda note: b"hola\n\n" + note.split(b"\n\n", 1)[1],
        "no es el de un punto de control",
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_checkpoint_is_refused(trusted, open_tab, name):
    edit, words = FORGERIES[name]
    _forge(trusted.night, edit)
    tab = _open(open_tab, trusted)
    verdict, said = _check(tab, "signature", "Comprobar las firmas")
    assert verdict == "bad"
    assert words in said


def test_members_that_are_too_few_vouch_for_nothing(trusted, open_tab):
    trust = trusted.trust
    trust.forge("1.root.json", lambda signed: None, trust.keys["authority"])
    trusted.night.tree.path("trust/1.root.json").write_bytes(trust.served["1.root.json"])
    tab = _open(open_tab, trusted)
    verdict, said = _check(tab, "signature", "Comprobar las firmas")
    assert verdict == "bad"
    assert "no tiene las firmas necesarias" in said


def test_an_enrolment_that_was_altered_is_refused(trusted, open_tab):
    for path in trusted.night.tree.path("trust").glob("*.enrolment.json"):
        path.write_bytes(path.read_bytes().replace(b"Universidad tec", b"Universidad toc"))
    tab = _open(open_tab, trusted)
    verdict, said = _check(tab, "signature", "Comprobar las firmas")
    assert verdict == "bad"
    assert "no es el que se firmó" in said


def test_a_trust_root_of_another_election_is_refused(trusted, open_tab):
    trust = trusted.trust

    def elsewhere(signed):
        signed.unrecognized_fields["x-openprep-election"] = "otra-2024"

    trust.forge("1.root.json", elsewhere, *trust.keys.values())
    trusted.night.tree.path("trust/1.root.json").write_bytes(trust.served["1.root.json"])
    tab = _open(open_tab, trusted)
    verdict, said = _check(tab, "signature", "Comprobar las firmas")
    assert verdict == "bad"
    assert "es de otra elección" in said


# 2. An acta in the log


def _leaf_hash(site, leaf):
    return leaf_hash(site.night.reading.entry(leaf)).hex()


def test_an_acta_is_checked_from_its_own_page_with_its_history(checked, open_tab):
    tab = open_tab(f"{checked.url}#/GUB/001/0101/210101C0100", complaining=False)
    tab.locator("h1", has_text="Contigua 1").wait_for()
    digest = _leaf_hash(checked, 15)
    tab.locator(".facts code", has_text=digest).wait_for()
    assert "Hoja 15 del registro público" in text_of(tab, ".versions")
    tab.get_by_role("link", name="Comprobar esta acta").click()
    tab.locator("h1", has_text="Compruébelo usted mismo").wait_for()
    verdict, said = _check(tab, "acta", "Comprobar el acta")
    assert verdict == "good"
    assert "Tiene 2 versiones y todas están ahí" in said
    evidence = _evidence(tab, "acta")
    assert digest in evidence
    assert _leaf_hash(checked, 14) in evidence
    assert "El total con letra dice 320" in evidence


def test_an_acta_that_is_not_captured_has_nothing_to_check(standing, open_tab):
    tab = _open(open_tab, standing, "#/comprobar/GUB/002/0202/210202B0100")
    verdict, said = _check(tab, "acta", "Comprobar el acta")
    assert verdict == "bad"
    assert "todavía no se captura" in said


def test_an_acta_that_is_not_the_one_in_the_log_is_never_shown(trusted, open_tab):
    bundle = next(trusted.night.tree.path("tile/entries").rglob("*.p/*"))
    for path in bundle.parent.iterdir():
        path.write_bytes(path.read_bytes().replace(b"[120,20", b"[920,20"))
    tab = open_tab(f"{trusted.url}#/GUB/001/0101/210101C0100", complaining=False)
    tab.locator("main", has_text="no coincide con su código de integridad").wait_for()
    assert "920" not in text_of(tab, "main")


def test_a_log_whose_tiles_were_altered_proves_nothing(trusted, open_tab):
    for tile in trusted.night.tree.path("tile/0").rglob("*"):
        if tile.is_file():
            tile.write_bytes(b"\0" * 32 + tile.read_bytes()[32:])
    tab = _open(open_tab, trusted)
    verdict, said = _check(tab, "signature", "Comprobar las firmas")
    assert verdict == "bad"
    assert "Este corte no está en el registro firmado" in said


# 3. Counting again


@pytest.mark.parametrize("contest", ["GUB", "AYUN"])
def test_the_actas_add_up_to_what_the_page_says(checked, open_tab, contest):
    tab = _open(open_tab, checked, f"#/comprobar/{contest}")
    verdict, said = _check(tab, "recount", "Volver a contar")
    assert verdict == "good"
    cut = next(shown for shown in checked.night.manifest.contests if shown.id == contest)
    assert f"Las {number(cut.summary.expected)} actas esperadas" in said
    evidence = _evidence(tab, "recount")
    assert f"Votos con casillas especiales {number(cut.summary.votes_with_special)}" in evidence
    assert share(cut.summary.participation) in evidence
    assert tab.locator("[data-equal=false]").count() == 0


def test_a_server_that_knows_no_ranges_is_read_and_counted_too(checked, open_tab):
    tab = open_tab("about:blank", complaining=False)
    whole = []

    def without_range(route):
        headers = {k: v for k, v in route.request.headers.items() if k != "range"}
        whole.append(route.request.url)
        route.continue_(headers=headers)

    tab.context.route(re.compile(r"\.pack$|/tile/entries/"), without_range)
    tab.goto(f"{checked.url}#/GUB/001/0101/210101C0100")
    tab.locator("h1", has_text="Contigua 1").wait_for()
    tab.goto(f"{checked.url}#/comprobar/GUB")
    tab.locator(".check").first.wait_for()
    assert _check(tab, "recount", "Volver a contar")[0] == "good"
    assert whole


def _workers(tab):
    """Addresses of the workers that run in the browser, helpers too."""
    targets = tab.context.browser.new_browser_cdp_session().send("Target.getTargets")
    found = (target["url"] for target in targets["targetInfos"] if target["type"] == "worker")
    return sorted(url.rpartition("/")[2].split(".")[0] for url in found)


def _wait_for_workers(tab, names):
    """Until those run and no other: one that begins has no address yet."""
    for _ in range(1000):
        if _workers(tab) == names:
            return
    pytest.fail(f"the workers are {_workers(tab)}")


@pytest.fixture
def helped(open_tab):
    """Skips where the machine has one core: no helper is made there."""
    if open_tab("about:blank").evaluate("navigator.hardwareConcurrency") < 2:
        pytest.skip("one core")


def _reads_the_log(request):
    return request.method == "GET" and "/tile/entries/" in request.url


def _held_unless_weighed(route):
    if not _reads_the_log(route.request):
        route.continue_()


def test_a_count_that_is_stopped_leaves_no_worker_behind(helped, checked, open_tab):
    tab = open_tab("about:blank", complaining=False)
    tab.context.route("**/tile/entries/**", _held_unless_weighed)
    tab.goto(f"{checked.url}#/comprobar/GUB")
    tab.locator(".check").first.wait_for()
    with tab.context.expect_event("request", _reads_the_log):
        tab.get_by_role("button", name="Volver a contar").click()
    _wait_for_workers(tab, ["part", "recount"])
    tab.get_by_role("button", name="Detener").click()
    tab.get_by_role("button", name="Volver a contar").wait_for()
    _wait_for_workers(tab, [])


def test_a_helper_that_cannot_be_had_gives_no_count(helped, nation, open_tab):
    scripts = nation.night.tree.path("assets").glob("part.worker-*")
    nation.refused = {f"assets/{script.name}": 404 for script in scripts}
    tab = _open(open_tab, nation, "#/comprobar/PRES")
    verdict, said = _check(tab, "recount", "Volver a contar")
    nation.refused = {}
    assert verdict == "bad"
    assert "no respondió" in said


def test_counting_leaves_alone_what_is_kept_for_a_reader_without_a_network(checked, open_tab):
    tab = _open(open_tab, checked, "#/comprobar/GUB", service_workers="allow")
    tab.evaluate("navigator.serviceWorker.ready.then(() => true)")
    tab.reload()
    assert _check(tab, "signature", "Comprobar las firmas")[0] == "good"
    before = set(tab.evaluate(KEPT))
    assert _check(tab, "recount", "Volver a contar")[0] == "good"
    scripts = {url for url in tab.evaluate(KEPT) if "/assets/" in url}
    assert before
    assert set(tab.evaluate(KEPT)) <= before | scripts


def test_a_total_that_the_actas_do_not_give_is_shown_as_different(living, open_tab, monkeypatch):
    real = composing.summarise

    def inflated(tally, rule, **which):
        summary = real(tally, rule, **which)
        more = summary.votes_with_special + 1000
        return replace(summary, votes_with_special=more)

    monkeypatch.setattr(composing, "summarise", inflated)
    living.night.to(1)
    tab = _open(open_tab, living, "#/comprobar/GUB")
    verdict, said = _check(tab, "recount", "Volver a contar")
    assert verdict == "bad"
    assert "Una cifra de la página no es lo que suman las actas" in said
    _evidence(tab, "recount")
    assert "Votos con casillas especiales" in tab.locator("[data-equal=false]").inner_text()


def _alter_a_figure(path):
    path.write_bytes(path.read_bytes().replace(b"[120,20", b"[920,20"))


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (_alter_a_figure, "no es el que se firmó"),
        (lambda path: path.unlink(), "Falta un archivo"),
        (lambda path: path.write_bytes(path.read_bytes()[:500]), "no es el que se firmó"),
    ],
    ids=["a figure altered in the log", "a bundle is gone", "a bundle is cut short"],
)
def test_a_log_that_is_not_whole_gives_no_count(trusted, open_tab, tamper, words):
    size = trusted.night.manifest.leaf + 1
    tamper(trusted.night.tree.path(Tile(ENTRIES, 0, size).path))
    tab = _open(open_tab, trusted, "#/comprobar/GUB")
    verdict, said = _check(tab, "recount", "Volver a contar")
    assert verdict == "bad"
    assert words in said or "no respondió" in said


# 4. Files


def test_an_official_database_is_known_by_its_digest(checked, open_tab):
    tab = _open(open_tab, checked)
    path = checked.night.manifest.database
    tab.set_input_files("#check-file", checked.night.tree.path(path))
    verdict, said = _outcome(tab, "file")
    assert verdict == "good"
    assert path in said
    assert checked.night.manifest.files[path].sha256 in _evidence(tab, "file")


def _file(tab, name, data):
    tab.set_input_files(
        "#check-file", {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )
    return _outcome(tab, "file")


def test_an_image_is_known_by_the_digest_in_its_acta(checked, open_tab):
    tab = _open(open_tab, checked, "#/comprobar/GUB/002/0202/210202B0100")
    assert _file(tab, "acta.jpg", IMAGE)[0] == "good"
    verdict, said = _file(tab, "acta.jpg", IMAGE + b"!")
    assert verdict == "bad"
    assert "ni con la imagen del acta elegida" in said


def test_a_file_never_leaves_the_device(checked, open_tab):
    tab = _open(open_tab, checked)
    asked = []
    tab.on("request", lambda request: asked.append(request.method))
    assert _file(tab, "otra.zip", b"PK" * 1000)[0] == "bad"
    assert set(asked) <= {"GET"}


# 5. Receipts


def _receipt(tab):
    with tab.expect_download() as waiting:
        tab.get_by_role("button", name="Guardar el archivo").click()
    return waiting.value.path().read_bytes()


def _audit(*arguments):
    return CliRunner().invoke(main, ["audit", "receipt", *map(str, arguments)])


def test_a_receipt_is_verified_by_the_audit_command_which_makes_the_same(
    checked, open_tab, tmp_path
):
    tab = _open(open_tab, checked, CORRECTED_ACTA, accept_downloads=True)
    saved, made = tmp_path / "saved.json", tmp_path / "made.json"
    saved.write_bytes(_receipt(tab))
    tree = checked.night.tree.path("")
    trusting = ("--trust", tree / "trust", "--fingerprint", checked.trust.fingerprint)
    said = _audit(saved, *trusting)
    assert said.exit_code == 0, said.output
    assert "210101C0100" in said.output
    said = _audit(made, "--make", "GUB", "210101C0100", "--from", checked.url, *trusting)
    assert said.exit_code == 0, said.output
    assert json.loads(made.read_bytes()) == json.loads(saved.read_bytes())


def test_a_receipt_is_verified_in_the_browser_and_an_altered_one_refused(checked, open_tab):
    tab = _open(open_tab, checked, CORRECTED_ACTA, accept_downloads=True)
    data = _receipt(tab)
    verdict, said = _file(tab, "receipt.json", data)
    assert verdict == "good"
    assert "versión 2 del acta se publicó" in said
    assert "120, 20, 5, 150" in said
    altered = data.replace(b"[120,20", b"[920,20")
    assert altered != data
    verdict, said = _file(tab, "receipt.json", altered)
    assert verdict == "bad"
    assert "no demuestra que el acta estuviera en el registro" in said


def test_a_receipt_is_drawn_as_a_qr_code(checked, open_tab):
    tab = _open(open_tab, checked, CORRECTED_ACTA)
    verdict, said = _check(tab, "receipt", "Ver el código QR")
    assert verdict == "good"
    assert "forma breve" in said
    assert tab.get_by_role("img", name="Código QR del comprobante").is_visible()


# Everywhere


def test_the_landing_says_how_many_publishers_hold_it(checked, open_tab):
    tab = open_tab(checked.url, complaining=False)
    tab.locator(".held", has_text="En poder de 2 de 3 difusores").wait_for()
    tab.get_by_role("link", name="Compruebe estos resultados usted mismo").click()
    tab.locator("h1", has_text="Compruébelo usted mismo").wait_for()


def test_the_figures_do_not_wait_for_a_trust_root_that_does_not_hold(trusted, open_tab):
    for path in trusted.night.tree.path("trust").iterdir():
        path.write_bytes(b"{")
    tab = open_tab(trusted.url, complaining=False)
    tab.locator(".status[data-state=live]").wait_for()
    assert "Corte 1" in text_of(tab, ".strip")


def test_over_plain_http_digests_and_signatures_are_checked_all_the_same(trusted, open_tab):
    url = trusted.url.replace("127.0.0.1", "prensa.example")
    tab = open_tab(f"{url}{CORRECTED_ACTA}", complaining=False)
    tab.locator(".check").first.wait_for()
    assert tab.evaluate("globalThis.crypto.subtle === undefined")
    assert _check(tab, "signature", "Comprobar las firmas")[0] == "good"
    assert _check(tab, "acta", "Comprobar el acta")[0] == "good"
    assert _check(tab, "recount", "Volver a contar")[0] == "good"


def test_over_plain_http_an_altered_object_is_not_shown(trusted, open_tab):
    path = pack_path(trusted.night.reading.root("GUB").at.pack)
    data = trusted.night.tree.path(path).read_bytes()
    trusted.instead[path] = data.replace(b'"summary":[11,', b'"summary":[99,')
    url = trusted.url.replace("127.0.0.1", "prensa.example")
    tab = open_tab(f"{url}#/GUB", complaining=False)
    tab.locator("main", has_text="no coincide con su código de integridad").wait_for()
    assert "99" not in text_of(tab, "main")


@pytest.mark.parametrize(
    ("size", "scheme"),
    [(PHONE, "light"), (DESKTOP, "dark")],
)
def test_axe_finds_no_barrier_before_and_after_every_check(checked, open_tab, size, scheme):
    tab = _open(open_tab, checked, CORRECTED_ACTA, size=size, color_scheme=scheme, bypass_csp=True)
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    _check_everything(tab)
    for summary in tab.locator(".check summary").all():
        summary.click()
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.get_by_role("button", name="English").click()
    tab.locator("h1", has_text="Check").wait_for()
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def _check_everything(tab):
    _check(tab, "signature", "Comprobar las firmas")
    _check(tab, "acta", "Comprobar el acta")
    _check(tab, "recount", "Volver a contar")
    _file(tab, "otra.zip", b"PK")
    _check(tab, "receipt", "Ver el código QR")


def test_a_check_is_made_by_keyboard_alone_and_told_to_a_screen_reader(checked, open_tab):
    tab = _open(open_tab, checked)
    button = tab.get_by_role("button", name="Comprobar las firmas")
    for _ in range(40):
        tab.keyboard.press("Tab")
        if button.evaluate("one => one === document.activeElement"):
            break
    tab.keyboard.press("Enter")
    assert _outcome(tab, "signature")[0] == "good"
    status = tab.locator("[data-check=signature] [role=status]").first
    assert status.get_attribute("aria-live") == "polite"
    again = tab.get_by_role("button", name="Comprobar otra vez")
    assert again.evaluate("one => one === document.activeElement")


def test_another_language_forgets_nothing_that_was_found(checked, open_tab):
    tab = _open(open_tab, checked)
    _check(tab, "signature", "Comprobar las firmas")
    tab.get_by_role("button", name="English").click()
    tab.locator("h2", has_text="Is this the cut that was signed?").wait_for()
    verdict, said = _outcome(tab, "signature")
    assert verdict == "good"
    assert "2 of 3 publishers signed" in said
    assert "Comprob" not in text_of(tab)


def test_the_checks_keep_the_strict_policy(checked, open_tab):
    tab = open_tab("about:blank", complaining=False)
    note_broken_policies(tab)
    tab.goto(f"{checked.url}{CORRECTED_ACTA}")
    tab.locator(".check").first.wait_for()
    _check_everything(tab)
    assert broken_policies(tab) == []


@pytest.mark.parametrize("address", ["#/comprobar/NADA", "#/comprobar/GUB/001/0101"])
def test_a_wrong_address_is_said_to_be_wrong(checked, open_tab, address):
    tab = open_tab(checked.url + address)
    tab.locator("h1", has_text="Esta dirección no existe").wait_for()


def test_a_cut_of_the_past_is_checked_too(checked, open_tab):
    tab = _open(open_tab, checked, "#/corte/1/comprobar/GUB/001/0101/210101C0100")
    verdict, said = _check(tab, "signature", "Comprobar las firmas")
    assert verdict == "good"
    assert "El corte 1 está en el registro público" in said
    assert _check(tab, "acta", "Comprobar el acta")[0] == "good"
    verdict, said = _check(tab, "recount", "Volver a contar")
    assert verdict == "good"
    assert "en el corte 1" in said


def test_an_acta_chosen_later_forgets_what_was_found_of_another(checked, open_tab):
    tab = _open(open_tab, checked, CORRECTED_ACTA)
    _check(tab, "acta", "Comprobar el acta")
    open_route(tab, "#/comprobar/GUB/002/0202/210202B0100", "Compruébelo usted mismo")
    assert tab.locator("[data-check=acta]").get_attribute("data-verdict") == "idle"
    assert _check(tab, "acta", "Comprobar el acta")[0] == "good"
