"""Build what the replays of the presidential nights of 2012 and 2018 ship.

    uv run python tools/build_replays.py ../shared/data

``election.toml`` and ``parties.csv``, and of 2012 ``columns.csv`` and ``candidacies.csv``, are
written by hand; everything else comes from here, and this script is the whole account of how.

2012: the file of 143,132 casillas says of each its entity, district of 2012, section, kind
(básica or contigua, extraordinaria, especial), lista nominal, whether it is rural, and its votes.
What it does not say is settled here:

- the first básica or contigua of a section in the order of the file is taken for its básica, the
  next ones for contiguas 1, 2, …; extraordinarias and especiales are numbered from 1 likewise. No
  vote depends on it;
- "otros" are the votes for candidates not registered and the null votes in one figure.

2018: the 98 national cuts, as the site served them, keep every figure that they carry; names,
colours and pictures, which never change from cut to cut, are left out. Percentages stay as they
were written, digit by digit.
"""

import csv
import gzip
import json
import lzma
import re
import sys
from collections import defaultdict
from pathlib import Path

from build_elections import CATALOGUE, ELECTIONS, entity_names, national_areas, write

VOTES = ("pan", "pri_pvem", "prd_pt_mc", "panal", "otros")
SPECIAL_BALLOTS = 750
KINDS = {"B-C": "B", "E": "E", "S": "S"}
PARTIES = {
    1: "PAN",
    2: "PRI",
    3: "PRD",
    4: "PVEM",
    5: "PT",
    6: "MC",
    7: "NA",
    8: "MORENA",
    9: "PES",
    20: "PAN_PRD_MC",
    30: "PT_MORENA_PES",
    40: "PRI_PVEM_NA",
    51: "CI_01",
    52: "CI_02",
    61: "NO_REGISTRADAS",
    62: "NULOS",
}
"""The site's ids of parties, coalitions and independents, as the folder of 2018 names them."""


def federal_2012(data):
    folder = ELECTIONS / "federal-2012-presidencia"
    with gzip.open(data / "federal-2012/nal_2012.csv.gz", "rt") as stream:
        casillas = list(csv.DictReader(stream))
    seen = defaultdict(int)
    rows, districts = [], set()
    for casilla in casillas:
        entity, district = int(casilla["edo_id"]), int(casilla["distrito_fed_12"])
        seccion, kind = int(casilla["seccion"]), KINDS[casilla["casilla"]]
        districts.add((entity, district))
        seen[entity, seccion, kind] += 1
        number = seen[entity, seccion, kind]
        if kind == "B" and number > 1:
            kind, number = "C", number - 1
        row = (
            f"{entity:02}{seccion:04}{kind}{number:02}002",
            f"{entity:02}/{district:02}",
            f"{seccion:04}",
            kind,
            number,
            0,
            2 if casilla["rural"] == "1.0" else 1,
            "2",
            int(casilla["ln"]),
            SPECIAL_BALLOTS if kind == "S" else "",
        )
        rows.append((row, [int(casilla[name]) for name in VOTES], int(casilla["total"])))
    rows.sort(key=lambda each: each[0][1:5])
    areas = national_areas(entity_names(data), districts)
    write(folder / "areas.csv", "level,path,name", areas)
    catalogue = [row for row, _, _ in rows]
    write(folder / "contests/PRES/catalogue.csv", CATALOGUE, catalogue, compress=True)
    votes = [(row[0], *votes, total) for row, votes, total in rows]
    write(folder / "night/votes.csv", f"acta,{','.join(VOTES)},total", votes, compress=True)


def cuts_2018(data):
    pages = (data / "federal-2018/cortes").glob("*.json")
    cuts = [cut_of(json.loads(page.read_text(), parse_float=str)) for page in pages]
    cuts.sort(key=lambda cut: cut["stamp"])
    text = "".join(json.dumps(cut, separators=(",", ":")) + "\n" for cut in cuts)
    folder = ELECTIONS / "federal-2018-presidencia/night"
    folder.mkdir(exist_ok=True)
    packed = lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)
    (folder / "cuts.jsonl.xz").write_bytes(packed)


def part(counted):
    return {"count": counted["total"], "share": counted["porcentaje"]}


def lines(listed):
    return {
        PARTIES[line["idPartido"]]: {
            "votes": line["total"],
            "share": line["porcentaje"],
            "national": line["totalVN"],
            "abroad": line["totalVE"],
        }
        for line in listed
    }


def cut_of(page):
    """One cut: every figure on the page, in words of ours."""
    stamp = re.fullmatch(r"(\d{8}_\d{4})_PREP\.zip", page["archivoCorte"])[1]
    if page["cortePrueba"]:
        raise ValueError(f"{stamp} is of a drill")
    return {
        "stamp": stamp,
        "with_special": page["corteEspeciales"],
        "expected": page["totalActas"],
        "expected_in_the_country": page["totalActasMR"],
        "urban": page["totalActasUrbanas"],
        "not_urban": page["totalActasRurales"],
        "captured": part(page["actasCapturadas"]),
        "counted": part(page["actasContabilizadas"]),
        "counted_mr": part(page["actasContabilizadasMR"]),
        "entities": part(page["entidadesContadas"]),
        "whole_list": page["listaNominalOficial"],
        "lista_nominal": page["listaNominal"],
        "list_share": page["participacionActasContabilizadas"],
        "participation": page["porcentajeParticipacionCiudadana"],
        "votes": page["totalVotos"],
        "votes_share": page["porcentajeTotalVotos"],
        "national": page["totalVotosVN"],
        "abroad": page["totalVotosVE"],
        "votes_without_special": page["totalVotosBasicasMR"],
        "votes_of_special": page["totalVotosEspecialesMR"],
        "leader": PARTIES[page["idPartidoCoalicionMayoriaVotos"]],
        "parties": lines(page["votacionPartidosConDistribucion"]),
        "candidacies": lines(page["votosCandidatoPartidoCoalicion"]),
    }


if __name__ == "__main__":
    shared = Path(sys.argv[1])
    federal_2012(shared)
    cuts_2018(shared)
