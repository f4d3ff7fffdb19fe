"""Build the shipped folder of the federal election of 2024 from public files.

    uv run python tools/build_federal_2024.py ../shared/data

``election.toml`` and ``parties.csv`` are written by hand; everything else comes from here, and this
script is the whole account of how. The real catalogue of 2024 could not be had, so it is rebuilt,
and the folder declares itself a drill:

- casillas are those of the frame of 2018, in its entities, districts (of 2017) and sections; the
  lista nominal is scaled to that of 2024, and contiguas are added where a casilla has the longest
  list until there are as many ordinary casillas as the expected actas of 2024 ask for;
- the expected actas of 2024 (170,648, 171,676 and 171,644) are explained by 169,236 ordinary and
  1,054 special casillas, 300 mesas of voto anticipado (a district each), 32 of the vote from abroad
  (an entity each; presidency and senators) and 26 of prisión preventiva (presidency) [I];
- where the partial coalitions of senators and deputies did not run is chosen here, by rule [I], and
  so are the independents [I]; who ran is known for the presidency only, so that all other people
  are plainly called candidacies of a drill.
"""

import csv
import gzip
import heapq
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

from build_elections import CATALOGUE, ELECTIONS, write

FOLDER = ELECTIONS / "federal-2024"
LISTA_NOMINAL = 98_329_591  # [R] list of 2024 within the country
ORDINARY = 169_236
PREVENTIVE_PRISONS = 26  # entities with a mesa of prisión preventiva [I]
LONGEST_LIST = 750
REPRESENTATIVES = 14  # two for each of seven parties [I]
SPECIAL_BALLOTS = 1000
TURNOUT_ABROAD = 4, 5  # votes from abroad over the list abroad [I]
MESAS = "000"

PARTIES = ("PAN", "PRI", "PRD", "PVEM", "PT", "MC", "MORENA")
FUERZA = ("PAN", "PRI", "PRD")
SIGAMOS = ("PVEM", "PT", "MORENA")
COALITIONS = (FUERZA, SIGAMOS)
CIRCUNSCRIPCIONES = {  # [R]
    1: (2, 3, 8, 10, 14, 18, 25, 26),
    2: (1, 5, 11, 19, 22, 24, 28, 32),
    3: (4, 7, 20, 23, 27, 30, 31),
    4: (9, 12, 17, 21, 29),
    5: (6, 13, 15, 16),
}
CIRCUNSCRIPCION_OF = {entity: number for number, own in CIRCUNSCRIPCIONES.items() for entity in own}


def combinations(coalition):
    """The combination columns of a coalition of three, in ballot order."""
    first, second, third = coalition
    return [coalition, (first, second), (first, third), (second, third)]


def frame_of(data):
    with gzip.open(data / "federal-2018/marco_nal_2018.csv.gz", "rt") as stream:
        for casilla in csv.DictReader(stream):
            entity, seccion, number, kind, extension = casilla["id"].split("-")
            yield {
                "district": (int(entity), int(casilla["distrito_fed"])),
                "seccion": f"{int(seccion):04}",
                "kind": kind,
                "number": int(number),
                "extension": int(extension),
                "location": 2 if casilla["rural"] == "1.0" else 1,
                "lista": int(casilla["ln"]),
            }


def grown(frame):
    """Ordinary casillas of 2024: the lists scaled, and contiguas added to the longest."""
    ordinary = [casilla for casilla in frame if casilla["kind"] != "S"]
    scale(ordinary)
    sections = defaultdict(list)
    for casilla in ordinary:
        if casilla["kind"] in "BC":
            sections[casilla["district"], casilla["seccion"]].append(casilla)
    longest = []
    for key, own in sections.items():
        heapq.heappush(longest, (-sum(c["lista"] for c in own) / len(own), key))
    for _ in range(ORDINARY - len(ordinary)):
        _, key = heapq.heappop(longest)
        own = sections[key]
        last = (
            max(casilla["number"] for casilla in own if casilla["kind"] == "C")
            if any(casilla["kind"] == "C" for casilla in own)
            else 0
        )
        added = {**own[-1], "kind": "C", "number": last + 1, "extension": 0, "lista": 0}
        own.append(added)
        ordinary.append(added)
        heapq.heappush(longest, (-sum(c["lista"] for c in own) / len(own), key))
    for own in sections.values():
        each, left = divmod(sum(casilla["lista"] for casilla in own), len(own))
        for index, casilla in enumerate(own):
            casilla["lista"] = each + (index < left)
    return ordinary


def scale(casillas):
    """Lists in the proportions of 2018 that add up to the list of 2024 (largest remainder)."""
    total = sum(casilla["lista"] for casilla in casillas)
    shares = [divmod(casilla["lista"] * LISTA_NOMINAL, total) for casilla in casillas]
    missing = LISTA_NOMINAL - sum(whole for whole, _ in shares)
    order = sorted(range(len(shares)), key=lambda index: (-shares[index][1], index))
    for index, casilla in enumerate(casillas):
        casilla["lista"] = shares[index][0]
    for index in order[:missing]:
        casillas[index]["lista"] += 1


def votes_by_entity(data):
    """Votes of the presidency in 2024 by entity: the three candidacies, non-registered, null."""
    found = {}
    for path in (data / "federal-2024/entidad").glob("*.json"):
        entity = int(path.stem.rpartition("_")[2])
        (votes,) = json.loads(path.read_text()).values()
        found[entity] = [votes[str(number)] for number in range(1, 6)]
    return dict(sorted(found.items()))


def rows_of(contest, ordinary, special, abroad):
    """Catalogue rows of a contest, in the order of the official file; mesas last of each entity."""
    family = {"PRES": "2", "SEN": "3", "DIP_FED": "4"}[contest]
    rows = [
        row_of(contest, casilla, family, casilla["lista"], REPRESENTATIVES) for casilla in ordinary
    ]
    tipos = ("2E",) if contest == "PRES" else (f"{family}EMR", f"{family}ERP")
    rows += [
        row_of(contest, casilla, tipo, 0, SPECIAL_BALLOTS) for casilla in special for tipo in tipos
    ]
    districts = sorted({casilla["district"] for casilla in ordinary})
    rows += [row_of(contest, mesa(district, "A"), f"{family}PVA", 20, "") for district in districts]
    if contest != "DIP_FED":
        more, fewer = TURNOUT_ABROAD[1], TURNOUT_ABROAD[0]
        rows += [
            row_of(contest, mesa((entity, None), "M"), f"{family}PVE", votes * more // fewer, "")
            for entity, votes in abroad.items()
        ]
    if contest == "PRES":
        prisons = sorted(abroad)[:PREVENTIVE_PRISONS]
        rows += [row_of(contest, mesa((entity, None), "P"), "2PVPP", 900, "") for entity in prisons]
    rows.sort(key=lambda row: (row[0], row[4], row[5], row[6], row[8]))
    return [row[1:] for row in rows]


def mesa(district, kind):
    """A mesa: it counts for a district or, without one, for an entity, and has no section.

    It is numbered by its district, so that no two of an entity have the same key [I].
    """
    number = 1 if district[1] is None else district[1]
    values = {"seccion": "", "kind": kind, "number": number, "extension": 0, "location": 1}
    return {"district": district, **values}


def row_of(contest, casilla, tipo, lista, representatives):
    """A row of the catalogue behind the key by which rows are ordered."""
    area, seccion = area_of(contest, *casilla["district"]), casilla["seccion"]
    entity, last = casilla["district"][0], not seccion
    acta = (
        f"{entity:02}{seccion or '0000'}{casilla['kind']}{casilla['number']:02}"
        f"{casilla['extension']:02}{tipo}"
    )
    return (
        (entity, last, area, seccion),
        acta + (f"@{area}" if last else ""),
        area,
        seccion,
        casilla["kind"],
        casilla["number"],
        casilla["extension"],
        casilla["location"],
        tipo,
        lista,
        representatives,
    )


def area_of(contest, entity, district):
    unit = f"{entity:02}/{MESAS if district is None else f'{district:02}'}"
    return f"{CIRCUNSCRIPCION_OF[entity]}/{unit}" if contest == "DIP_FED" else unit


def area_rows(names, districts):
    rows = [("circunscripcion", str(n), f"Circunscripción {n}") for n in CIRCUNSCRIPCIONES]
    for prefix in ("", "dip"):
        for entity, name in sorted(names.items()):
            own = f"{CIRCUNSCRIPCION_OF[entity]}/{entity:02}" if prefix else f"{entity:02}"
            rows.append(("entity", own, name))
        for entity, district in districts:
            contest = "DIP_FED" if prefix else "PRES"
            rows.append(("district", area_of(contest, entity, district), f"Distrito {district:02}"))
    rows += [
        ("district", f"{e:02}/{MESAS}", "Mesas de escrutinio y cómputo") for e in sorted(names)
    ]
    return rows


def column_rows(independents):
    rows = [(party, "party", party) for party in PARTIES]
    for coalition in COALITIONS:
        rows += [("_".join(own), "combination", " ".join(own)) for own in combinations(coalition)]
    rows += [(f"CAND_IND_{n}", "independent", f"CAND_IND_{n}") for n in range(1, independents + 1)]
    return [*rows, ("NO_REGISTRADAS", "unregistered", ""), ("NULOS", "null", "")]


def candidacies_of(area, running, person, independents=0):
    """Who runs in an area: ``running`` coalitions together, all other parties alone."""
    done = set()
    for party in PARTIES:
        if party in done:
            continue
        coalition = next((own for own in running if party in own), (party,))
        done |= set(coalition)
        columns = list(coalition)
        if len(coalition) > 1:
            columns += ["_".join(own) for own in combinations(coalition)]
        key = "_".join(coalition)
        yield (area, key, *person(key), " ".join(columns))
    for number in range(1, independents + 1):
        key = f"CAND_IND_{number}"
        yield (area, key, *person(key), key)


def coalitions_in(position, fuerza_every, sigamos_every):
    """Which coalitions run in the ``position``-th area: one of so many goes without each [I]."""
    running = []
    if position % fuerza_every:
        running.append(FUERZA)
    if (position + 3) % sigamos_every:
        running.append(SIGAMOS)
    return running


def presidents(data):
    text = (data / "federal-2024/PRES_CANDIDATURAS_2024.csv").read_text("latin-1")
    people = {}
    for line in text.splitlines()[2:]:
        _, party, name = line.split("|")
        people[party] = name
    return lambda key: (people[key], "")


def invented(place):
    def person(key):
        name = f"CANDIDATURA DE SIMULACRO {key.replace('_', ' ')} {place}"
        return name, f"SUPLENCIA DE SIMULACRO {key.replace('_', ' ')} {place}"

    return person


def build(data):
    frame = list(frame_of(data))
    ordinary = grown(frame)
    special = [casilla for casilla in frame if casilla["kind"] == "S"]
    votes = votes_by_entity(data)
    abroad = {entity: sum(own["abroad_votes"] for own in five) for entity, five in votes.items()}
    names = {}
    for feature in json.loads((data / "geo/entidades.geojson").read_text())["features"]:
        names[feature["properties"]["ent"]] = feature["properties"]["entidad"]
    districts = sorted({casilla["district"] for casilla in ordinary})
    write(FOLDER / "areas.csv", "level,path,name", area_rows(names, districts))
    for contest, independents in (("PRES", 0), ("SEN", 0), ("DIP_FED", 2)):
        folder = FOLDER / "contests" / contest
        write(folder / "columns.csv", "id,kind,parties", column_rows(independents))
        rows = rows_of(contest, ordinary, special, abroad)
        print(contest, len(rows), Counter(row[3] for row in rows))
        write(folder / "catalogue.csv", CATALOGUE, rows, compress=True)
        write(
            folder / "candidacies.csv",
            "area,key,name,substitute,columns",
            people_rows(contest, data, districts),
        )
    shape = [
        (f"{entity:02}", where, *(own[field] for own in five))
        for entity, five in votes.items()
        for where, field in (("national", "national_votes"), ("abroad", "abroad_votes"))
    ]
    header = "entity,where,MC,PAN_PRI_PRD,PVEM_PT_MORENA,NO_REGISTRADAS,NULOS"
    write(FOLDER / "shape/entities.csv", header, shape)


def people_rows(contest, data, districts):
    if contest == "PRES":
        return list(candidacies_of("*", COALITIONS, presidents(data)))
    rows = []
    if contest == "SEN":
        for entity in range(1, 33):
            running = coalitions_in(entity, 16, 17)
            rows += candidacies_of(f"{entity:02}", running, invented(f"{entity:02}"))
        return rows
    for position, (entity, district) in enumerate(districts, 1):
        area = area_of(contest, entity, district)
        independents = 2 if position % 150 == 0 else int(position % 30 == 0)
        running = coalitions_in(position, 6, 7)
        place = f"{entity:02}-{district:02}"
        rows += candidacies_of(area, running, invented(place), independents)
    return rows


if __name__ == "__main__":
    build(Path(sys.argv[1]))
