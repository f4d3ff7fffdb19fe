"""Files of scanners and cameras into images: seconds of one core, and wrong verdicts of legibility.

The forms are those of a shipped election, filled by hand and photographed. The truth of a photo is
how it was made: by somebody's hand in the light that there was; or blurred over 0.6 mm of the paper
and more, or with a tenth of the light, or of an empty page. Each is judged with the codes of its
form, and once more as if it had none, by its pixels alone.
"""

import io
import statistics
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs
from PIL import Image

from benchmarks.telling import command, tell
from openprep.digitising.digitised import Reason, Verdict
from openprep.digitising.encoding import published, rendition
from openprep.digitising.legibility import legibility_of
from openprep.digitising.marks import codes_on
from openprep.digitising.opening import opened
from openprep.digitising.straightening import laid_upright
from openprep.election.declared.folder import load_election
from openprep.forms.blank import blank_for
from openprep.forms.camera import Camera, photograph
from openprep.forms.filled import Filled, filled
from openprep.forms.identity import sign_identity
from openprep.forms.layout import form_of

ELECTION: Final = Path(__file__).parent.parent / "elections" / "puebla-2024"
KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PHOTOS: Final = 500
FORMS: Final = 5
TURNS: Final = 5
LONGER_SIDE: Final = 279.4
"""Millimetres of the paper."""

Value = TypeVar("Value")


def forms() -> list[Filled]:
    election = load_election(ELECTION)
    contest = next(iter(election.contests))
    names = [field.name for field in form_of(election, election.contests[contest]).fields]
    made = []
    for seed, expected in enumerate(election.catalogues[contest][:FORMS]):
        blank = blank_for(election, contest, expected.id)
        chance = np.random.default_rng(seed)
        amounts = {name: int(chance.integers(0, 400)) for name in names}
        made.append(filled(blank, sign_identity(blank.identity, KEY), amounts, seed=seed))
    return made


def camera(seed: int) -> Camera:
    """Somebody's, held any way, of some 2 to 3 megapixels: a cheap one."""
    chance = np.random.default_rng([seed, 9])
    hand = Camera.somebodys(seed)
    turn = hand.rotation + 90 * int(chance.integers(0, 4))
    return structs.replace(hand, rotation=turn, longer_side=int(chance.integers(1500, 2100)))


def blurred(one: Camera, chance: np.random.Generator) -> Camera:
    dots = one.longer_side / (LONGER_SIDE * (1 + 2 * one.border))
    return structs.replace(one, blur=float(chance.uniform(0.6, 1.5)) * dots)


def darkened(jpeg: bytes) -> bytes:
    out = io.BytesIO()
    Image.open(io.BytesIO(jpeg)).point(lambda value: value // 10).save(out, "JPEG", quality=85)
    return out.getvalue()


def emptied(one: Filled) -> Filled:
    return structs.replace(one, picture=Image.new("RGB", one.picture.size, (250, 249, 244)))


def photo(number: int, of: list[Filled]) -> tuple[str, bytes]:
    """What it is in truth, and the photo: every second one is good."""
    chance = np.random.default_rng([number, 5])
    form, by = of[number % len(of)], camera(number)
    if number % 2 == 0:
        return "good", photograph(form, by).jpeg
    truth = ("blurred", "blurred", "dark", "blank")[number // 2 % 4]
    if truth == "blurred":
        return truth, photograph(form, blurred(by, chance)).jpeg
    if truth == "dark":
        return truth, darkened(photograph(form, by).jpeg)
    return truth, photograph(emptied(form), by).jpeg


def verdicts(photos: int, of: list[Filled]) -> dict[str, object]:
    of_truth: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    by_pixels: Counter[str] = Counter()
    straightened = 0
    for number in range(photos):
        truth, data = photo(number, of)
        of_truth[truth] += 1
        lying = laid_upright(*opened(data))
        straightened += truth == "good" and lying.upright.straightened
        found = legibility_of(lying.picture, lying.codes)
        wrong[truth] += (truth == "good") is not (found.verdict is Verdict.LEGIBLE)
        left = legibility_of(lying.picture, ()).reasons
        by_pixels[truth] += (truth == "good") is not (left == (Reason.NO_IDENTITY_CODE,))
    bad = photos - of_truth["good"]
    return {
        "photos": dict(of_truth),
        "straightened_part_of_good": round(straightened / of_truth["good"], 3),
        "good_said_to_be_bad": round(wrong["good"] / of_truth["good"], 3),
        "bad_said_to_be_good": round((wrong.total() - wrong["good"]) / bad, 3),
        "by_pixels_good_said_to_be_bad": round(by_pixels["good"] / of_truth["good"], 3),
        "by_pixels_bad_said_to_be_good": round((by_pixels.total() - by_pixels["good"]) / bad, 3),
        "wrong_by_pixels": dict(by_pixels),
    }


def costs(data: bytes) -> dict[str, float]:
    """Seconds of a processor, the median of some turns."""
    turns = [once(data) for _ in range(TURNS)]
    medians = {name: round(statistics.median(one[name] for one in turns), 3) for name in turns[0]}
    return medians | {"all": round(sum(medians.values()) - medians["codes"], 3)}


def once(data: bytes) -> dict[str, float]:
    """What a child does, by its parts; looking for codes is in the second and in the third."""
    found: dict[str, float] = {}

    def clocked(name: str, work: Callable[[], Value]) -> Value:
        began = time.process_time()
        value = work()
        found[name] = time.process_time() - began
        return value

    file = clocked("decode", lambda: opened(data))
    clocked("codes", lambda: codes_on(file.picture))
    lying = clocked("codes_and_straighten", lambda: laid_upright(*file))
    clocked("image", lambda: published(lying.picture))
    clocked("rendition", lambda: rendition(lying.picture))
    clocked("legibility", lambda: legibility_of(lying.picture, lying.codes))
    return found


def measure(photos: int) -> dict[str, object]:
    of = forms()
    telephone = structs.replace(camera(2), longer_side=4000)
    return {
        "scan_of_6_megapixels": costs(photograph(of[0], Camera(longer_side=2794)).jpeg),
        "photo_of_12_megapixels": costs(photograph(of[0], telephone).jpeg),
        "legibility": verdicts(photos, of),
        "aim": "5 % each way",
    }


if __name__ == "__main__":
    parser = command(__doc__)
    parser.add_argument("photos", nargs="?", type=int, default=PHOTOS, help="how many are judged")
    tell("digitising", measure(parser.parse_args().photos))
