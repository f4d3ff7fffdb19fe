"""A house whose papers are all digitised, and the sessions of those who will capture them."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from openprep.capture.steps import ActaDigitised
from openprep.clock import system_clock
from openprep.desks.journal import Journal
from openprep.desks.pictures import Pictures
from openprep.desks.serving.folder import HouseFolder
from openprep.desks.serving.places import load_places
from openprep.digitising.encoding import rendition
from openprep.drill.crowd.district import Row, Section, section_of, write_part
from openprep.durable import make_folder
from openprep.election import Digitization, DocumentKind, Election, Origin
from openprep.election.declared.folder import load_election
from openprep.forms.blank import blank_for
from openprep.forms.camera import Camera, photograph
from openprep.forms.filled import filled
from openprep.forms.identity import sign_identity
from openprep.forms.layout import form_of
from openprep.people.authority import load_authority, make_authority
from openprep.people.one_time_codes import draw_secret
from openprep.people.passwords import hash_of
from openprep.people.roles import Role
from openprep.people.roster import Person, Roster
from openprep.people.sessions import Sessions
from openprep.private import create_private
from openprep.record.images import name_of
from openprep.transmission.keys import make_station

FEDERAL = Path(__file__).parent.parent / "elections/federal-2024"
ACTAS_OF_A_CONTEST = 2_700
IMAGES = 12
PLACES = ("CCV1", "CCV2")


def make_election(folder: Path) -> Election:
    """The first sections of the federal frame, in a window that is open."""
    opens = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)

    def first(rows: list[Row]) -> set[Section]:
        return {section_of(row) for row in rows[:ACTAS_OF_A_CONTEST]}

    write_part(FEDERAL, 1, folder, opens, first)
    return load_election(folder)


def make_images(election: Election) -> list[bytes]:
    """What screens show of a few filled actas."""
    key = Ed25519PrivateKey.generate()
    found = []
    for number in range(IMAGES):
        contest = list(election.contests)[number % len(election.contests)]
        expected = election.catalogues[contest][number]
        blank = blank_for(election, contest, expected.id)
        names = [field.name for field in form_of(election, blank.contest).fields]
        written = filled(
            blank,
            sign_identity(blank.identity, key),
            dict.fromkeys(names, 123),
            seed=number,
            dots_per_inch=150,
        )
        camera = Camera(seed=number, noise=4.0, shadow=0.3, blur=0.4, longer_side=1600)
        with Image.open(io.BytesIO(photograph(written, camera).jpeg)) as seen:
            found.append(rendition(seen.convert("RGB")))
    return found


def fill_house(folder: Path, election: Election) -> None:
    """A house whose papers are all digitised."""
    contests = sorted(election.contests)
    places = folder / "places"
    make_station(places, "CATD1", "CATD1", reports=contests, corrects=contests)
    for place in PLACES:
        make_station(places, place, place, captures=contests)
    house = HouseFolder(folder / "house")
    make_folder(house.root)
    Pictures(house.pictures)
    images = make_images(election)
    for number, seen in enumerate(images):
        (house.pictures / f"image{number}").write_bytes(seen)
    keys = load_places(places, election).keys
    journal = Journal(house.journal, election.id, keys, system_clock)
    sealing = []
    for contest, catalogue in election.catalogues.items():
        for number, expected in enumerate(catalogue):
            image = sha256(f"{contest} {expected.id}".encode()).hexdigest()
            shown = house.pictures / "renditions" / name_of(image)
            shown.hardlink_to(house.pictures / f"image{number % len(images)}")
            (house.pictures / "straight" / image).touch()
            step = ActaDigitised(
                *(contest, expected.id, "f" * 32, "f" * 32, system_clock()),
                image=image,
                original=image,
                origin=Origin.CATD,
                digitization=Digitization.ESCANER,
                document=DocumentKind.ACTA_PREP,
            )
            sealing.append(("CATD1", step))
    journal.seal(*sealing)
    journal.close()


def enlist(folder: Path, election: Election, capturistas: int) -> list[Person]:
    """So many capturistas in two places, and two coordinadores, in a signed list."""
    keys = folder / "authority"
    make_authority(keys, election.id)
    password, secret, day = hash_of("x"), draw_secret(), timedelta(days=1)

    def person(number: int, role: Role, place: str) -> Person:
        return Person(f"p{number}", f"{number:032x}", role, (place,), password, secret)

    people = [
        *(person(each, Role.CAPTURISTA, PLACES[each % 2]) for each in range(capturistas)),
        *(person(capturistas + each, Role.COORDINADOR, "CATD1") for each in range(2)),
    ]
    now = datetime.now(UTC)
    roster = Roster(election.id, 1, now - day, now + day, tuple(people))
    create_private(folder / "house.people", load_authority(keys).seal(roster))
    return people


async def begin_sessions(folder: Path, election: Election, people: Sequence[Person]) -> list[str]:
    """The tokens of their sessions, begun in the house's own room while the house is not open."""
    sessions = Sessions(HouseFolder(folder / "house").sessions, election.id)
    try:
        begun = [await sessions.begin(one, one.places[0], 1, "") for one in people]
    finally:
        sessions.close()
    return [one.token for one in begun if one is not None]
