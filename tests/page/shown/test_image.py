"""The image of an acta: compared in the browser before it is shown, and read at any size."""

from hashlib import sha256

import pytest
from axe_playwright_python.sync_playwright import Axe
from msgspec import structs

from openprep.cuts.cutter import Cutter
from openprep.record.images import ImageFolder
from openprep.record.state import HeldImage
from openprep.wire.cut.ref import image_path
from page.bench.browser import DESKTOP, PHONE
from page.bench.night import Night
from page.bench.reading import broken_policies, note_broken_policies, open_route, text_of
from page.bench.serving import serving
from small.image import jpeg

IMAGE = jpeg(3, (1000, 1300))
DIGEST = sha256(IMAGE).hexdigest()
WITH, WITHOUT = "#/GUB/001/0101/210101B0100", "#/GUB/001/0101/210101C0100"
SEE = "Ver la imagen"


class PicturedNight(Night):
    """The night with the image of one acta in the tree, and no other."""

    def __init__(self, folder, page):
        super().__init__(folder / "tree", page)
        self.folder = ImageFolder(folder / "images")
        self.cutter = Cutter(self.declared, self.tree, self.signer, page, self.folder)

    def _learn(self, *actas, **more):
        pictured = [self._pictured(shown) for shown in actas]
        version = super()._learn(*pictured, **more)
        if DIGEST in {acta.image_sha256 for acta in pictured}:
            self.folder.keep(IMAGE)
            held = HeldImage(1, DIGEST, len(IMAGE), frozenset({("GUB", "210101B0100")}))
            self.cutter.hold([held])
        return version

    def _pictured(self, acta):
        own = (acta.contest, acta.acta) == ("GUB", "210101B0100")
        return structs.replace(acta, image_sha256=DIGEST) if own else acta


@pytest.fixture(scope="module")
def pictured(built, tmp_path_factory):
    """The night at cut 1 with one image, for tests that only read."""
    with serving(PicturedNight(tmp_path_factory.mktemp("pictured"), built).to(1)) as site:
        yield site


@pytest.fixture
def tampered(built, tmp_path):
    """The same, for a test that puts other bytes in the image's place."""
    night = PicturedNight(tmp_path, built).to(1)
    path = image_path(DIGEST)
    night.tree.path(path).unlink()
    with serving(night) as site:
        site.put = lambda data: site.instead.update({path: data})
        yield site


def seen(tab):
    """Have the image shown; its element."""
    tab.get_by_role("button", name=SEE).click()
    image = tab.locator(".pane img")
    image.wait_for()
    tab.wait_for_function("document.querySelector('.pane img').complete")
    return image


def width(image):
    return image.bounding_box()["width"]


def at(tab, zoom):
    """Wait until the image is at ``zoom``, as the page says."""
    tab.get_by_text(zoom, exact=True).wait_for()


def scroll(tab):
    return tab.evaluate(
        "(({scrollLeft, scrollTop}) => [scrollLeft, scrollTop])(document.querySelector('.pane'))"
    )


def test_the_image_is_fetched_when_asked_for_and_shown_once_its_digest_is_right(pictured, open_tab):
    tab = open_tab("about:blank")
    note_broken_policies(tab)
    tab.goto(pictured.url + WITH)
    tab.get_by_role("button", name=f"{SEE} ({-(-len(IMAGE) // 1000)} kB)").wait_for()
    assert pictured.answers(image_path(DIGEST)) == []
    image = seen(tab)
    assert pictured.answers(image_path(DIGEST)) == [200]
    assert image.get_attribute("src").startswith("blob:")
    assert image.get_attribute("alt") == "Imagen del acta: Básica, Sección 0101"
    assert image.evaluate("(one) => [one.naturalWidth, one.naturalHeight]") == [1000, 1300]
    assert "Su dispositivo comprobó que es la imagen que la estación firmó." in text_of(tab)
    assert broken_policies(tab) == []


def test_the_file_that_is_saved_is_the_one_that_was_checked(pictured, open_tab):
    tab = open_tab(pictured.url + WITH)
    seen(tab)
    with tab.expect_download() as downloading:
        tab.get_by_role("link", name="Guardar el archivo de la imagen").click()
    assert downloading.value.suggested_filename == f"{DIGEST}.jpg"
    assert downloading.value.path().read_bytes() == IMAGE


def test_it_is_read_at_any_size_with_buttons_alone(pictured, open_tab):
    tab = open_tab(pictured.url + WITH, size=PHONE)
    image = seen(tab)
    whole = width(image)
    smaller, larger = (tab.get_by_role("button", name=name) for name in ("Reducir", "Ampliar"))
    assert smaller.is_disabled()
    larger.click()
    larger.click()
    at(tab, "225 %")
    assert abs(width(image) - 2.25 * whole) < 3
    smaller.click()
    at(tab, "150 %")
    tab.get_by_role("button", name="Ver completa").click()
    at(tab, "100 %")
    assert abs(width(image) - whole) < 3
    for _ in range(8):
        if larger.is_enabled():
            larger.click()
    at(tab, "600 %")
    assert larger.is_disabled()


def test_it_is_read_at_any_size_with_the_keyboard_alone(pictured, open_tab):
    tab = open_tab(pictured.url + WITH)
    image = seen(tab)
    whole = width(image)
    tab.locator(".pane").focus()
    for key in "++":
        tab.keyboard.press(key)
    at(tab, "225 %")
    before = scroll(tab)
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowDown")
    tab.wait_for_function(
        "([left, top]) => { const pane = document.querySelector('.pane');"
        " return pane.scrollLeft > left && pane.scrollTop > top; }",
        arg=before,
    )
    tab.keyboard.press("-")
    at(tab, "150 %")
    tab.keyboard.press("0")
    at(tab, "100 %")
    assert abs(width(image) - whole) < 3


def test_it_is_moved_by_the_mouse_and_zoomed_where_it_points(pictured, open_tab):
    tab = open_tab(pictured.url + WITH)
    seen(tab)
    tab.get_by_role("button", name="Ampliar").click()
    at(tab, "150 %")
    tab.locator(".pane").scroll_into_view_if_needed()
    box = tab.locator(".pane").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = scroll(tab)
    tab.mouse.move(*middle)
    tab.mouse.down()
    tab.mouse.move(middle[0] - 60, middle[1] - 40, steps=3)
    tab.mouse.up()
    after = scroll(tab)
    right, down = (b - a for a, b in zip(before, after, strict=True))
    assert (abs(right - 60), abs(down - 40)) < (2, 2)
    tab.mouse.move(*middle)
    assert scroll(tab) == after, "it follows no mouse whose button is up"
    tab.keyboard.down("Control")
    tab.mouse.wheel(0, -100)
    tab.keyboard.up("Control")
    at(tab, "225 %")


def test_two_fingers_make_it_larger(pictured, open_tab):
    tab = open_tab(pictured.url + WITH, size=PHONE, has_touch=True)
    seen(tab)
    box = tab.locator(".pane").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 100
    session = tab.context.new_cdp_session(tab)

    def touch(kind, *gaps):
        points = [{"x": x + gap, "y": y, "id": number} for number, gap in enumerate(gaps)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", -20, 20)
    for gap in (25, 30, 35, 40):
        touch("touchMove", -gap, gap)
    touch("touchEnd")
    tab.wait_for_function("parseInt(document.querySelector('output').textContent) > 150")


def test_where_the_tree_has_no_image_that_is_said(pictured, open_tab):
    tab = open_tab(pictured.url + WITHOUT)
    tab.locator("h2", has_text="Imagen del acta").wait_for()
    assert "Aquí no está la imagen de esta acta: de ella sólo se tiene su código" in text_of(tab)
    assert tab.get_by_role("button", name=SEE).count() == 0


WRONG = {
    "of the same size": IMAGE[:-3] + bytes([IMAGE[-3] ^ 1]) + IMAGE[-2:],
    "another acta's": jpeg(4, (1000, 1300)),
    "longer": IMAGE + b"\0",
    "shorter": IMAGE[:-1],
    "no image": b"<script>alert(1)</script>",
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_a_wrong_image_is_never_shown(tampered, open_tab, data):
    tampered.put(data)
    tab = open_tab(tampered.url + WITH)
    tab.get_by_role("button", name=SEE).click()
    alert = tab.get_by_role("alert")
    alert.wait_for()
    assert "no es la imagen que la estación firmó, así que no se muestra" in alert.inner_text()
    assert tab.locator(".pane, .acta-image img").count() == 0


def test_an_image_that_the_publisher_lacks_is_asked_for_again(tampered, open_tab):
    tab = open_tab(tampered.url + WITH, complaining=False)
    tab.get_by_role("button", name=SEE).click()
    tab.get_by_text("Este difusor todavía no tiene la imagen").wait_for()
    tampered.put(IMAGE)
    tab.get_by_role("button", name="Volver a intentarlo").click()
    tab.locator(".pane img").wait_for()


@pytest.mark.parametrize(("language", "size"), [("es", PHONE), ("en", DESKTOP)])
def test_axe_finds_no_barrier_with_the_image_shown(pictured, open_tab, size, language):
    tab = open_tab(f"{pictured.url}?idioma={language}", size=size, bypass_csp=True)
    tab.locator(".status[data-state]").wait_for()
    open_route(tab, WITH, "Básica")
    tab.get_by_role("button", name=SEE if language == "es" else "See the image").click()
    tab.locator(".pane img").wait_for()
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert tab.evaluate(wide) <= 0
