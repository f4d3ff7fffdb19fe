"""Every row of spec A.4, typed at the desks of a real house, and its row in the official file."""

import asyncio
import csv
import io
import re
import zipfile
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
import pytest
from PIL import Image

from desks.serving.center import published
from desks.serving.running import plan_of, running
from desks.serving.staffed import at_desks, entry_for
from desks.web.paper.scans import scan_of
from desks.web.room import all_of, form_of
from openprep.databases.write.head import SUMMARY_NAMES
from openprep.election import CasillaKind, Databases, Flavour, format_share
from openprep.people.roles import Role
from openprep.wire.cut.manifest import Manifest, databases_of, decode, manifest_path
from small.election import expected, small_election
from small.publishers import until
from transmission.small_center import NOW

LOCAL, FEDERAL = Flavour.LOCAL_2024, Flavour.FEDERAL_2024
PEOPLE = {
    "a001": (Role.ACOPIADOR, "D01"),
    "d001": (Role.DIGITALIZADOR, "D01"),
    "c001": (Role.CAPTURISTA, "CCV1"),
    "c002": (Role.CAPTURISTA, "CCV1"),
    "k001": (Role.COTEJADOR, "COTEJO"),
}
CHOICES = {"medio": "escaner", "origen": "catd", "documento": "acta_prep"}
FIRST, SECOND = "votes.0", "votes.1"
COLUMNS = 10
"""Votes that the form of the first municipality asks for, each 3 where nothing else is said."""
ALL = 3 * COLUMNS
OUTSIDE = "out of catalogue"


@dataclass(frozen=True)
class Row:
    """What stands on a paper, and what the official file must say of it.

    ``typed`` is what differs from an acta of threes, ``every`` what stands in every vote, ``noted``
    what the capturista notes, ``cause`` why there is no acta. ``words`` are OBSERVACIONES in the
    files of each norm, ``total`` is TOTAL_VOTOS_CALCULADO, and ``field`` the first vote.
    """

    words: dict[Flavour, str]
    counted: str = "1"
    total: int | str = ALL
    inconsistent: bool = False
    typed: dict[str, str] = field(default_factory=dict)
    every: str = ""
    noted: str = ""
    cause: str = ""
    special: bool = False
    shown: dict[Flavour, str] = field(default_factory=lambda: {LOCAL: "3", FEDERAL: "3"})
    cells: dict[str, str] = field(default_factory=dict)


def said(local, federal):
    return {LOCAL: local, FEDERAL: federal}


def listed(*words):
    """As the federal files print a list."""
    return str(list(words))


ILEGIBLE, SIN_DATO = said("ILEGIBLE", "Ilegible"), said("SIN DATO", "Sin dato")
SOME, NOTHING = "ALGUN CAMPO ILEGIBLE O SIN DATO", "TODOS ILEGIBLES O SIN DATO"
NO_ACTA = {"counted": "0", "total": 0, "shown": said("SIN ACTA", "Sin acta")}
OVER = {"counted": "0", "inconsistent": True}

ROWS = {
    "none": Row(said(" - ", "-")),
    "Ilegible": Row(
        said(SOME, listed("Ilegible")),
        typed={FIRST: "*"},
        total=ALL - 3,
        inconsistent=True,
        shown=ILEGIBLE,
    ),
    "Sin dato": Row(
        said(SOME, listed("Sin dato")),
        typed={FIRST: "-"},
        total=ALL - 3,
        inconsistent=True,
        shown=SIN_DATO,
    ),
    "Ilegible, Sin dato": Row(
        said(SOME, listed("Ilegible", "Sin dato")),
        typed={FIRST: "*", SECOND: "-"},
        total=ALL - 6,
        inconsistent=True,
        shown=ILEGIBLE,
    ),
    "Todos los campos ilegibles": Row(
        said(NOTHING, listed("Todos los campos ilegibles")),
        every="*",
        total=0,
        counted="0",
        inconsistent=True,
        shown=ILEGIBLE,
    ),
    "Todos los campos vacíos": Row(
        said(NOTHING, listed("Todos los campos vacíos")),
        every="-",
        total=0,
        counted="0",
        inconsistent=True,
        shown=SIN_DATO,
    ),
    "Todos ilegibles o vacíos, mix": Row(
        said(NOTHING, listed("Todos ilegibles o sin dato")),
        every="-",
        typed={FIRST: "*"},
        total=0,
        counted="0",
        inconsistent=True,
        shown=ILEGIBLE,
    ),
    "Excede lista nominal": Row(
        said("EXCEDE LISTA NOMINAL", listed("Excede Lista Nominal")),
        typed={FIRST: "900"},
        total=ALL + 897,
        shown=said("900", "900"),
        **OVER,
    ),
    "Excede, in a special casilla": Row(
        said("EXCEDE LISTA NOMINAL", listed("Excede Lista Nominal")),
        typed={FIRST: "999"},
        total=ALL + 996,
        special=True,
        shown=said("999", "999"),
        **OVER,
    ),
    "Excede Lista Nominal, Sin dato": Row(
        said(f"EXCEDE LISTA NOMINAL, {SOME}", listed("Excede Lista Nominal", "Sin dato")),
        typed={FIRST: "900", SECOND: "-"},
        total=ALL + 894,
        shown=said("900", "900"),
        **OVER,
    ),
    "Excede Lista Nominal, Ilegible": Row(
        said(f"EXCEDE LISTA NOMINAL, {SOME}", listed("Excede Lista Nominal", "Ilegible")),
        typed={FIRST: "*", SECOND: "900"},
        total=ALL + 894,
        shown=ILEGIBLE,
        **OVER,
    ),
    "Excede Lista Nominal, Ilegible, Sin dato": Row(
        said(
            f"EXCEDE LISTA NOMINAL, {SOME}",
            listed("Excede Lista Nominal", "Ilegible", "Sin dato"),
        ),
        typed={FIRST: "*", SECOND: "900", "votes.2": "-"},
        total=ALL + 891,
        shown=ILEGIBLE,
        **OVER,
    ),
    "Sin acta por paquete no entregado": Row(
        said("SIN ACTA POR PAQUETE NO ENTREGADO", listed("Sin acta por paquete no entregado")),
        cause="sin_acta_paquete_no_entregado",
        **NO_ACTA,
    ),
    "Sin acta por casilla no instalada": Row(
        said("SIN ACTA POR CASILLA NO INSTALADA", listed("Sin acta por casilla no instalada")),
        cause="sin_acta_casilla_no_instalada",
        **NO_ACTA,
    ),
    "Sin acta por paquete entregado sin bolsa": Row(
        said(
            "SIN ACTA POR PAQUETE ENTREGADO SIN BOLSA",
            listed("Sin acta por paquete entregado sin bolsa"),
        ),
        cause="sin_acta_paquete_sin_bolsa",
        **NO_ACTA,
    ),
    "Sin acta por contingencia en urna electrónica": Row(
        said(
            "SIN ACTA POR CONTINGENCIA EN URNA ELECTRONICA",
            listed("Sin acta por contingencia en urna electronica"),
        ),
        cause="sin_acta_contingencia_urna",
        **NO_ACTA,
    ),
    "Fuera de catálogo": Row(
        said("FUERA DE CATALOGO", listed("Fuera de catalogo")),
        counted="2",
        total="",
        shown=said("", ""),
    ),
    "Identificación por proceso técnico operativo": Row(
        said(
            "IDENTIFICACION POR PROCESO TECNICO OPERATIVO",
            listed("Identificacion por proceso tecnico operativo"),
        ),
    ),
    "Letter ≠ number": Row(
        said(
            "CANTIDAD CON LETRA DISTINTA A NUMERO", listed("Cantidad con letra distinta a numero")
        ),
        noted="letra_distinta_de_numero",
    ),
    "only letter": Row(
        said("CANTIDAD SOLO CON LETRA", listed("Cantidad solo con letra")), noted="solo_letra"
    ),
    "only number": Row(
        said("CANTIDAD SOLO CON NUMERO", listed("Cantidad solo con numero")), noted="solo_numero"
    ),
    "sum ≠ total written": Row(
        said(" - ", "-"),
        typed={"total_written": "77"},
        cells={"TOTAL_VOTOS_ASENTADO": "77"},
    ),
    "an amount beside the votes that is blank": Row(
        said(" - ", "-"), typed={"people_voted": "-"}, cells={}
    ),
}
ACTAS = {f"A{number}": name for number, name in enumerate(ROWS)}
OF = {name: acta for acta, name in ACTAS.items()}
EXPECTED = len(ROWS) + 2
"""Actas of the catalogue: two are of the areas that the other places speak for."""
WITHOUT_IDENTITY = ("Fuera de catálogo", "Identificación por proceso técnico operativo")


def election_of(norm):
    catalogue = tuple(
        replaced(expected(number, seccion=f"{number + 1:04}"), row)
        for number, row in enumerate(ROWS.values())
    )
    catalogue += (expected(901, area="002"), expected(902, area="000"))  # nobody's, to the end
    databases = small_election().databases
    return small_election(
        catalogues={"AYUN": catalogue},
        databases=Databases(norm, databases.quirks, databases.shapes),
    )


def replaced(one, row):
    if not row.special:
        return one
    return expected(
        int(one.id[1:]),
        seccion=one.seccion,
        kind=CasillaKind.ESPECIAL,
        tipo_acta="4E",
        lista_nominal=0,
        representatives=1000,
    )


def blank(shade):
    """A picture without any code."""
    out = io.BytesIO()
    Image.new("L", (1000, 1300), shade).save(out, "JPEG")
    return out.getvalue()


async def bring(dino, data, **known):
    """Bring a picture and keep it; what is said of it, unless its code says it."""
    page = await dino.get("/digitalizacion")
    page = await dino.bring("/digitalizacion/archivo", data, page.hidden("ficha"))
    image = page.hidden("imagen")
    form = {"ficha": page.hidden("ficha"), "imagen": image, **CHOICES, **known}
    assert "guardada" in (await dino.post("/digitalizacion/guardar", form)).text
    return image


async def digitise(dino, election):
    """Every paper that there is; the image of those that say nothing, by the row's name."""
    images = {}
    for shade, name in enumerate(WITHOUT_IDENTITY):
        known = {"de": "ninguna", "eleccion": "AYUN"}
        images[name] = await bring(dino, blank(200 + shade), **known)
    for name, row in ROWS.items():
        if not row.cause and name not in WITHOUT_IDENTITY:
            await bring(dino, scan_of(OF[name], election=election))
    return images


async def miss(rosa):
    for name, row in ROWS.items():
        if row.cause:
            page = await rosa.get(f"/acopio?que={OF[name]}")
            form = {"ficha": page.hidden("ficha"), "eleccion": "AYUN", "acta": OF[name]}
            await rosa.post("/acopio/sin-acta", {**form, "causa": row.cause})


async def capture(carla):
    """Type whatever is lent, until nothing is; on hints the figures stay as they are."""
    page = await carla.get("/captura")
    while 'name="boleto"' in page.text:
        row = ROWS[row_on(page)]
        typed = {**all_of(page), **votes_of(page, row), **row.typed}
        page = await carla.save(page, typed, **({"noted": row.noted} if row.noted else {}))
        if 'name="borrador"' in page.text:
            form = {**form_of(page), "borrador": page.hidden("borrador")}
            page = await carla.post("/captura/confirmar", form)


def row_on(page):
    """Whose paper it is, as the title says; the one that stays without identity has none."""
    found = re.search(r"<title>[^<]*?\b(A\d+) ·", page.text)
    return ACTAS[found[1]] if found else "Fuera de catálogo"


def votes_of(page, row):
    return {name: row.every for name in page.fields if name.startswith("votes.") and row.every}


@pytest.fixture(scope="module", params=[LOCAL, FEDERAL], ids=lambda norm: norm.value)
def official(request, tmp_path_factory):
    """The official file after an evening, as lines of cells, and its norm."""
    folder = tmp_path_factory.mktemp("a4")
    return request.param, asyncio.run(evening(folder, election_of(request.param)))


async def evening(folder, election):
    entry = entry_for(folder, PEOPLE)
    async with (
        published(folder / "center", election) as (center, _),
        running(plan_of(folder, center=center, election=election), entry.desks) as house,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        url = f"http://127.0.0.1:{house.opened.plan.port}"
        who = await at_desks(session, url, PEOPLE)
        await miss(who["a001"])
        images = await digitise(who["d001"], election)
        identified = WITHOUT_IDENTITY[1]
        page = await who["k001"].get(f"/identificacion?imagen={images[identified]}")
        form = {"ficha": page.hidden("ficha"), "imagen": images[identified]}
        form |= {"de": OF[identified], "motivo": "por sus firmas"}
        await who["k001"].post("/identificacion", form)
        await capture(who["c001"])
        await capture(who["c002"])
        await until(lambda: house.house.pending == 0, "the envelopes")
    later = NOW + timedelta(minutes=20)
    hour = f"{election.window.local(later):%H%M}"
    async with published(folder / "center", election, later) as (_, tree):
        await until(lambda: zipped(tree, hour) is not None, "the official file")
        return lines_of(tree.read(zipped(tree, hour)))


def zipped(tree, hour):
    """Where the official file of that hour is, if the newest cut lists it."""
    pointer = tree.pointer()
    manifest = decode(tree.read(manifest_path(pointer.cut)), Manifest)
    return next((path for path in databases_of(manifest) if hour in path), None)


def lines_of(data):
    """The file of the contest, in the ZIP of its election in the official one."""
    inner = member_of(data, ".zip")
    return list(csv.reader(io.StringIO(member_of(inner, "AYUN_2024.csv").decode("utf-8-sig"))))


def member_of(data, end):
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        (name,) = (one for one in packed.namelist() if one.endswith(end))
        return packed.read(name)


def table_of(lines):
    """The rows of the file by their acta's id; those out of catalogue by that word."""
    at = next(number for number, line in enumerate(lines) if line[:1] == ["CLAVE_CASILLA"])
    found = {}
    for number, line in enumerate(lines[at + 1 :]):
        name = f"A{number}" if number < EXPECTED else OUTSIDE
        found[name] = dict(zip(lines[at], line, strict=True))
    return found


@pytest.mark.parametrize("name", ROWS)
def test_what_a_paper_shows_is_published_as_the_official_row(official, name):
    norm, lines = official
    row = ROWS[name]
    told = table_of(lines)[OUTSIDE if name == "Fuera de catálogo" else OF[name]]
    assert told["OBSERVACIONES"] == row.words[norm]
    assert told["CONTABILIZADA"] == row.counted
    assert told["TOTAL_VOTOS_CALCULADO"] == str(row.total)
    assert told["AZUL"] == row.shown[norm]
    assert {column: told[column] for column in row.cells} == row.cells


def test_the_13_figures_count_what_a4_counts(official):
    _, lines = official
    at = lines.index(list(SUMMARY_NAMES))
    told = dict(zip(SUMMARY_NAMES, lines[at + 1], strict=True))
    inconsistent = sum(row.inconsistent for row in ROWS.values())
    counted = [row for row in ROWS.values() if row.counted == "1"]
    assert told["ACTAS_CONTABILIZADAS"] == str(len(counted))
    assert told["TOTAL_VOTOS_C_CS"] == str(sum(row.total for row in counted))
    assert told["ACTAS_FUERA_CATALOGO"] == "1"
    assert told["ACTAS_CAPTURADAS"] == str(len(ROWS) - 1), "that paper's own acta never came"
    share = 1_000_000 * inconsistent // EXPECTED
    assert told["PORCENTAJE_ACTAS_INCONSISTENCIAS"] == format_share(share)
