"""Build the CSV files of the shipped election folders from the authorities' public files.

    uv run python tools/build_elections.py ../shared/data

``election.toml`` and ``parties.csv`` are written by hand; everything here comes from the official
databases (Puebla) and from the frame of casillas of 2018, and this script is the whole account of
how. Three things that the files do not say are settled here:

- contiguas from 10 up are written 01 in the files of Puebla 2024; their true number is taken from
  the order of the rows, which is by number;
- parties run together in a unit if a combination column of the unit joins them, or if they name the
  same person (the candidacies files have typing errors, so names alone would not do);
- a mesa's key is shared by all units, so its identity is the key and the unit.
"""

import csv
import gzip
import io
import lzma
import re
import sys
from collections import defaultdict
from pathlib import Path

ELECTIONS = Path(__file__).parent.parent / "elections"
MESAS = "MAP"
CATALOGUE = (
    "acta,area,seccion,kind,number,extension,location,tipo_acta,lista_nominal,representatives"
)


def write(path, header, rows, compress=False):
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(header.split(","))
    out.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    if compress:
        data = lzma.compress(text.getvalue().encode(), preset=9 | lzma.PRESET_EXTREME)
        path.with_name(path.name + ".xz").write_bytes(data)
    else:
        path.write_text(text.getvalue())


def bare(cell):
    return cell.strip().strip("'")


class Source:
    """One official database and its candidacies, as rows by column position and name."""

    def __init__(self, database, candidacies, encoding, delimiter, header_line):
        text = database.read_bytes().decode(encoding)
        lines = list(csv.reader(io.StringIO(text), delimiter=delimiter))
        self.header = lines[header_line - 1]
        width = len(self.header)
        self.rows = [line[:width] for line in lines[header_line:] if len(line) >= width]
        text = candidacies.read_bytes().decode(encoding)
        lines = [
            line for line in csv.reader(io.StringIO(text), delimiter=delimiter) if len(line) > 1
        ]
        self.candidacies = lines[1:]
        first = self.header.index("TOTAL_VOTOS_SACADOS") + 1
        self.vote_columns = self.header[first : self.header.index("TOTAL_VOTOS_ASENTADO")]
        self.first_vote = first

    def cell(self, row, name):
        """A cell by its column's name, without apostrophes."""
        return bare(row[self.header.index(name)])


def column_rows(names):
    seen = defaultdict(int)
    for name in names:
        seen[name] += 1
        unique = name if seen[name] == 1 else f"{name}#{seen[name]}"
        if name in ("NO_REGISTRADAS", "NO_REGISTRADOS"):
            yield ("NO_REGISTRADAS", "unregistered", "")
        elif name == "NULOS":
            yield (name, "null", "")
        elif name.startswith("C_"):
            yield (unique, "combination", name[2:].replace("_", " "))
        elif name.startswith("CAND_IND"):
            yield (unique, "independent", name)
        else:
            yield (unique, "party", name)


def candidacy_rows(unit, people, columns, on_ballot):
    """Candidacies of a unit: parties joined by a combination on its ballot, or by a name."""
    single = {parties: name for name, kind, parties in columns if kind in ("party", "independent")}
    running = [party for party, column in single.items() if column in on_ballot]
    group = {party: {party} for party in running}

    def join(parties):
        joined = set().union(*(group[party] for party in parties if party in group))
        for party in joined:
            group[party] = joined

    for name, kind, parties in columns:
        if kind == "combination" and name in on_ballot:
            join(parties.split())
    by_name = defaultdict(list)
    for party in running:
        by_name[people.get(party)].append(party)
    for who, parties in by_name.items():
        if who:
            join(parties)
    done = set()
    for party in running:
        if party in done:
            continue
        done |= group[party]
        members = [other for other in running if other in group[party]]
        own = [
            name
            for name, kind, parties in columns
            if name in on_ballot
            and kind in ("party", "independent", "combination")
            and set(parties.split()) & group[party]
        ]
        name, substitute = next((people[m] for m in members if m in people), ("", ""))
        yield (unit, "_".join(members), name, substitute, " ".join(own))


def people_by_unit(source, unit_position):
    people = defaultdict(dict)
    for line in source.candidacies:
        unit = bare(line[unit_position]).zfill(3) if unit_position is not None else "*"
        party, name, *rest = (cell.strip() for cell in line[(unit_position or 0) + 1 :])
        party = re.sub("[-]", "_", party.removeprefix("C_"))
        people[unit][party] = (name, rest[0] if rest else "")
    return people


def true_numbers(rows):
    """Contigua numbers as they must be: after 09, each row written 01 is the next one."""
    last = {}
    for unit, seccion, kind, number, extension, tipo in rows:
        group = (unit, seccion, kind, extension, tipo)
        follows = kind == "C" and group in last and number <= last[group]
        last[group] = last[group] + 1 if follows else number
        yield last[group]


LEAST_CEILING = 100
"""Of a special casilla, less than this is representatives and not the ceiling of its ballots."""
CEILING_BEFORE_2020 = 750
"""Ballots of a special casilla until 2020 (spec G.2). In 2019 the column says representatives, who
vote there beyond them (A.4): three casillas have 754 votes, and were counted."""


def catalogue_rows(source, unit_column):
    catalogued = []
    for row in source.rows:
        kind, tipo = source.cell(row, "TIPO_CASILLA"), source.cell(row, "TIPO_ACTA")
        if kind in ("", "-") or source.cell(row, "CLAVE_CASILLA") in ("", "-"):
            continue
        catalogued.append((row, kind, tipo))
    keys = []
    for row, kind, tipo in catalogued:
        unit = source.cell(row, unit_column)
        unit = "000" if unit in ("N/A", "0", "") else unit.zfill(3)
        seccion = "" if kind in MESAS else source.cell(row, "SECCION").zfill(4)
        clave = source.cell(row, "CLAVE_CASILLA")
        number = int(clave[7:9]) if kind in MESAS else int(source.cell(row, "ID_CASILLA"))
        keys.append((unit, seccion, kind, number, int(source.cell(row, "EXT_CONTIGUA")), tipo))
    for (row, kind, tipo), key, number in zip(catalogued, keys, true_numbers(keys), strict=True):
        unit, seccion, _, _, extension, _ = key
        entity = source.cell(row, "ID_ENTIDAD" if "ID_ENTIDAD" in source.header else "ID_ESTADO")
        acta = f"{entity}{seccion or '0000'}{kind}{number:02}{extension:02}{tipo}"
        acta += f"@{unit}" if kind in MESAS else ""
        representatives = source.cell(row, "REPRESENTANTES_PP_CI")
        if kind == "S" and representatives.isdigit() and int(representatives) < LEAST_CEILING:
            representatives = str(CEILING_BEFORE_2020 + int(representatives))
        yield (
            acta,
            unit,
            seccion,
            kind,
            number,
            extension,
            source.cell(row, "UBICACION_CASILLA"),
            tipo,
            source.cell(row, "LISTA_NOMINAL"),
            representatives if representatives.isdigit() else "",
        )


def area_rows(source, level, id_column, name_column):
    names = {}
    for row in source.rows:
        unit = source.cell(row, id_column)
        if unit in ("N/A", "0", "", "-"):
            continue
        names[unit.zfill(3)] = source.cell(row, name_column)
    return [(level, unit, name) for unit, name in sorted(names.items())]


def build_local(folder, contests):
    areas, abroad = {}, set()
    for contest, (source, level, id_column, name_column, unit_position) in contests.items():
        columns = list(column_rows(source.vote_columns))
        people = people_by_unit(source, unit_position)
        write(folder / f"contests/{contest}/columns.csv", "id,kind,parties", columns)
        catalogue = list(catalogue_rows(source, id_column))
        write(folder / f"contests/{contest}/catalogue.csv", CATALOGUE, catalogue, compress=True)
        rows = []
        for unit in people:
            on_ballot = ballot_of(source, columns, people, unit, id_column)
            rows += candidacy_rows(unit, people[unit], columns, on_ballot)
        header = "area,key,name,substitute,columns"
        write(
            folder / f"contests/{contest}/candidacies.csv", header, rows, compress=len(rows) > 100
        )
        for row in area_rows(source, level, id_column, name_column):
            areas[row[:2]] = row
        if any(row[1] == "000" for row in catalogue):
            abroad.add((level, "000", "VOTO DESDE EL EXTRANJERO"))
    ordered = sorted([*areas.values(), *abroad], key=lambda row: row[:2])
    write(folder / "areas.csv", "level,path,name", ordered)


def ballot_of(source, columns, people, unit, id_column):
    """Columns on a unit's ballot: those that the candidacies file names.

    The file of 2019 names a combination once where the acta has it in two places; there the acta's
    own columns decide, by any captured acta of the unit.
    """
    named = {name for name, kind, parties in columns if parties.replace(" ", "_") in people[unit]}
    if not any("#" in name for name, _, _ in columns):
        return named
    used = set()
    for row in source.rows:
        if source.cell(row, id_column).zfill(3) == unit:
            for position, (name, _, _) in enumerate(columns):
                if bare(row[source.first_vote + position]) not in ("-", "", "N/A"):
                    used.add(name)
    return used


def puebla_2024(data):
    night = data / "puebla-2024/20240603_2000"

    def source(name):
        database, candidacies = (
            night / f"PUE_{name}_2024.csv",
            night / f"PUE_{name}_Candidaturas_2024.csv",
        )
        return Source(database, candidacies, "utf-8-sig", ",", 7)

    build_local(
        ELECTIONS / "puebla-2024",
        {
            "GUB": (source("GUB"), "district", "ID_DISTRITO", "DISTRITO", None),
            "DIP_LOC": (source("DIP_LOC"), "district", "ID_DISTRITO_LOCAL", "DISTRITO_LOCAL", 1),
            "AYUN": (source("AYUN"), "municipality", "ID_MUNICIPIO", "MUNICIPIO", 1),
        },
    )


def puebla_2019(data):
    base = data / "puebla-2019"

    def source(name):
        night = base / f"20190603_0915_PREP_{name}_PUE"
        database = night / f"PUE_{name}_ext_2019.csv"
        return Source(database, night / f"PUE_{name}_CANDIDATURAS_ext_2019.csv", "latin-1", "|", 7)

    build_local(
        ELECTIONS / "puebla-2019",
        {
            "GUB": (source("GUB"), "district", "ID_DISTRITO", "DISTRITO", None),
            "AYUN": (source("AYUN"), "municipality", "ID_MUNICIPIO", "MUNICIPIO", 1),
        },
    )


def entity_names(data):
    """Names of the 32 entities by number."""
    names = {}
    geo = (data / "geo/entidades.geojson").read_text()
    for number, name in re.findall(r'"ent": ?(\d+), ?"entidad": ?"([^"]+)"', geo):
        names[int(number)] = name.encode().decode("unicode_escape") if "\\u" in name else name
    return names


def national_areas(names, districts):
    """Rows of entities, then of their districts."""
    areas = [("entity", f"{entity:02}", name) for entity, name in sorted(names.items())]
    areas += [
        ("district", f"{entity:02}/{district:02}", f"Distrito {district:02}")
        for entity, district in sorted(districts)
    ]
    return areas


def federal_2018(data):
    folder = ELECTIONS / "federal-2018-presidencia"
    with gzip.open(data / "federal-2018/marco_nal_2018.csv.gz", "rt") as stream:
        frame = list(csv.DictReader(stream))
    names = entity_names(data)
    rows, districts = [], set()
    for casilla in frame:
        entity, seccion, number, kind, extension = casilla["id"].split("-")
        entity, district = int(entity), int(casilla["distrito_fed"])
        districts.add((entity, district))
        special = kind == "S"
        lista = int(casilla["ln"])
        rows.append(
            (
                f"{entity:02}{int(seccion):04}{kind}{int(number):02}{int(extension):02}2",
                f"{entity:02}/{district:02}",
                f"{int(seccion):04}",
                kind,
                int(number),
                int(extension),
                2 if casilla["rural"] == "1.0" else 1,
                "2",
                0 if special else lista,
                750 if special else "",
            )
        )
    rows.sort(key=lambda row: (row[1], row[2], row[3], row[4], row[5]))
    areas = national_areas(names, districts)
    write(folder / "areas.csv", "level,path,name", areas)
    write(folder / "contests/PRES/catalogue.csv", CATALOGUE, rows, compress=True)


if __name__ == "__main__":
    shared = Path(sys.argv[1])
    puebla_2024(shared)
    puebla_2019(shared)
    federal_2018(shared)
