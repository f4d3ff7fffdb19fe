"""Who publishes: the page lists those that the trust root's members signed, and nobody else."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from openprep.ceremony.enrolment import Changes
from page.bench.reading import text_of
from page.bench.trusted import NightTrust

DIRECTORY = "section[aria-labelledby=help-publishers]"


@pytest.fixture
def trusted(living):
    living.night.to(1)
    living.trust = NightTrust(living.night)
    return living


def _ask(open_tab, site, **options):
    tab = open_tab(f"{site.url}#/ayuda", complaining=False, **options)
    tab.get_by_role("button", name="Ver el directorio de difusores").click()
    return tab


def _refused(tab):
    tab.locator(f"{DIRECTORY} .warning").wait_for()
    assert tab.locator(f"{DIRECTORY} .places").count() == 0
    return text_of(tab, DIRECTORY)


def test_the_publishers_that_the_members_signed_are_listed_with_their_addresses(trusted, open_tab):
    tab = _ask(open_tab, trusted, bypass_csp=True)
    tab.locator(f"{DIRECTORY} .places").wait_for()
    words = text_of(tab, DIRECTORY)
    for name in ("tec", "udlap", "diario"):
        assert f"Universidad {name} https://" in words
    assert "la firmaron al menos 2 de authority, auditor, notary" in words
    assert "openprep watch" in words
    assert Axe().run(tab).violations_count == 0


def test_a_publisher_that_was_revoked_is_listed_no_more(trusted, open_tab):
    trusted.trust.version(Changes(revoked_publishers=["udlap"]))
    tab = _ask(open_tab, trusted)
    tab.locator(f"{DIRECTORY} .places").wait_for()
    words = text_of(tab, DIRECTORY)
    assert "Universidad tec" in words
    assert "Universidad udlap" not in words


def test_without_a_trust_root_nobody_is_listed_and_it_is_said_why(standing, open_tab):
    tab = _ask(open_tab, standing)
    tab.locator(
        f"{DIRECTORY} [role=status]", has_text="no publica una raíz de confianza"
    ).wait_for()
    assert tab.locator(f"{DIRECTORY} .places").count() == 0


def test_a_publisher_written_in_by_hand_is_not_listed(trusted, open_tab):
    for path in trusted.night.tree.path("trust").glob("*.enrolment.json"):
        path.write_bytes(path.read_bytes().replace(b"Universidad tec", b"Universidad toc"))
    words = _refused(_ask(open_tab, trusted))
    assert "sus firmas no se pudieron verificar" in words
    assert "no es el que se firmó" in words


def test_too_few_members_make_no_directory(trusted, open_tab):
    trust = trusted.trust
    trust.forge("1.root.json", lambda signed: None, trust.keys["authority"])
    trusted.night.tree.path("trust/1.root.json").write_bytes(trust.served["1.root.json"])
    assert "no tiene las firmas necesarias" in _refused(_ask(open_tab, trusted))


def test_another_trust_root_than_this_device_saw_makes_no_directory(trusted, open_tab, tmp_path):
    tab = open_tab(f"{trusted.url}#/comprobar", complaining=False)
    tab.get_by_role("button", name="Comprobar las firmas").click()
    tab.locator("[data-check=signature][data-verdict=good]").wait_for()
    remembered = tab.context.storage_state()
    trusted.night.tree.path("trust").rename(tmp_path / "gone")
    tab = _ask(open_tab, trusted, storage_state=remembered)
    assert "ya no la tiene" in _refused(tab)
    NightTrust(trusted.night)
    tab = _ask(open_tab, trusted, storage_state=remembered)
    assert "no es la que este dispositivo vio antes" in _refused(tab)
