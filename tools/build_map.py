"""Build the page's map from the public shapes of entities and federal districts.

    uv run python tools/build_map.py ../shared/data/geo

Projects them (Lambert's conic, as Mexico's national maps are), thins lines that two areas share
once for both, so that no gap opens between them, and writes paths on a grid of whole numbers:
``site/src/map/entities.json``, and ``districts-<year>.json`` on a grid some times finer. This
script is the whole account of how; its output is committed.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from heapq import heapify, heappop, heappush
from itertools import pairwise
from math import cos, log, pi, radians, sin, tan
from pathlib import Path
from typing import Any

from build_elections import ELECTIONS

OUT = ELECTIONS.parent / "site/src/map"
ENTITIES = "entidades.geojson"
DISTRICTINGS = (2017, 2023)
WIDTH = 1000
"""Pixels of the whole country on a wide screen: what is finer is not drawn."""
DRAWN = 600
"""The same, of the longer side of one entity."""
FINER = 20
"""Units of the districts' map to one of the entities'."""
GRID = 600
"""Numbers used along the longer side of an entity."""
FINEST = 4.0
"""Area in square pixels below which a corner is left out, or an islet."""
PART = 0.03
"""And the part of the smaller area beside it, so that a small district keeps its shape."""

Point = tuple[float, float]
Ring = list[Point]
Shape = list[Ring]


def conic(longitude: float, latitude: float) -> Point:
    """Lambert's conformal conic on parallels 17.5° and 29.5°, from 102° W 12° N; y grows south.

    Snyder, "Map Projections: A Working Manual" (USGS 1395), section 15, for a sphere of radius 1.
    """
    south, north, origin = radians(17.5), radians(29.5), radians(12)
    turned = {angle: tan(pi / 4 + angle / 2) for angle in (south, north, origin)}
    n = log(cos(south) / cos(north)) / log(turned[north] / turned[south])
    f = cos(south) * turned[south] ** n / n
    rho = f / tan(pi / 4 + radians(latitude) / 2) ** n
    theta = n * radians(longitude + 102)
    return rho * sin(theta), rho * cos(theta) - f / turned[origin] ** n


def read(path: Path, key: Any) -> dict[str, Shape]:
    """Shapes by id, each a list of projected rings."""
    shapes: dict[str, Shape] = {}
    for feature in json.loads(path.read_text())["features"]:
        geometry = feature["geometry"]
        parts = geometry["coordinates"]
        polygons = parts if geometry["type"] == "MultiPolygon" else [parts]
        rings = [[conic(*at) for at in ring] for polygon in polygons for ring in polygon]
        shapes[key(feature["properties"])] = [list(_without_repeats(ring)) for ring in rings]
    return shapes


def _without_repeats(ring: Ring) -> Iterator[Point]:
    yield ring[0]
    yield from (there for here, there in pairwise(ring) if here != there)


def area(ring: Sequence[Point]) -> float:
    """Signed area of a closed ring."""
    return sum(x * v - u * y for (x, y), (u, v) in pairwise(ring)) / 2


def size(shape: Shape) -> float:
    return max(abs(area(ring)) for ring in shape)


class Lines:
    """The lines of neighbouring shapes, each thinned once for all that share it."""

    def __init__(self, shapes: Mapping[str, Shape], finest: float) -> None:
        self._finest = finest
        self._beside: dict[frozenset[Point], list[float]] = defaultdict(list)
        degree: Counter[Point] = Counter()
        for shape in shapes.values():
            own = size(shape)
            for ring in shape:
                for edge in map(frozenset, pairwise(ring)):
                    if edge not in self._beside:
                        degree.update(edge)
                    self._beside[edge].append(own)
        self._nodes = {point for point, count in degree.items() if count != 2}
        self._thinned: dict[tuple[Point, ...], list[Point]] = {}

    def thin(self, ring: Ring) -> Ring:
        """The ring with fewer corners, closed; a shared line comes out as the neighbour has it."""
        result: Ring = []
        for line in self._cut(ring[:-1]):
            result += self._line(line)[:-1]
        return [*result, result[0]]

    def _cut(self, corners: Sequence[Point]) -> Iterator[tuple[Point, ...]]:
        """The ring in lines between nodes; one without nodes in two, at its ends from afar."""
        ends = [place for place, corner in enumerate(corners) if corner in self._nodes]
        if len(ends) < 2:
            first = ends[0] if ends else corners.index(min(corners))
            x, y = corners[first]
            far = max(corners, key=lambda at: ((at[0] - x) ** 2 + (at[1] - y) ** 2, at))
            ends = sorted((first, corners.index(far)))
        turned = [*corners[ends[0] :], *corners[: ends[0] + 1]]
        for start, stop in pairwise([*(end - ends[0] for end in ends), len(corners)]):
            yield tuple(turned[start : stop + 1])

    def _line(self, line: tuple[Point, ...]) -> list[Point]:
        forward = line <= line[::-1]
        key = line if forward else line[::-1]
        if key not in self._thinned:
            smallest = min(min(self._beside[frozenset(edge)]) for edge in pairwise(key))
            self._thinned[key] = visvalingam(key, min(self._finest, PART * smallest))
        thinned = self._thinned[key]
        return thinned if forward else thinned[::-1]


def visvalingam(line: Sequence[Point], least: float) -> list[Point]:
    """The line without the corners that make less than ``least`` area; its ends stay.

    Visvalingam and Whyatt, "Line generalisation by repeated elimination of points" (1993).
    """
    before = list(range(-1, len(line) - 1))
    after = list(range(1, len(line) + 1))

    def weight(place: int) -> float:
        (a, b), (c, d), (e, f) = (line[index] for index in (before[place], place, after[place]))
        return abs((c - a) * (f - b) - (e - a) * (d - b)) / 2

    current = {place: weight(place) for place in range(1, len(line) - 1)}
    heap = [(own, place) for place, own in current.items()]
    heapify(heap)
    while heap:
        own, place = heappop(heap)
        if current.get(place) != own:
            continue
        if own >= least:
            break
        del current[place]
        left, right = before[place], after[place]
        after[left], before[right] = right, left
        for beside in (left, right):
            if beside in current:
                current[beside] = max(own, weight(beside))
                heappush(heap, (current[beside], beside))
    return [line[0], *(line[place] for place in sorted(current)), line[-1]]


class Grid:
    """Whole numbers for the points within a frame, ``longest`` of them along its longer side."""

    def __init__(self, shapes: Iterable[Shape], longest: int) -> None:
        points = [point for shape in shapes for ring in shape for point in ring]
        self.left, self.top = (min(point[axis] for point in points) for axis in (0, 1))
        self.extent = (
            max(x for x, _ in points) - self.left,
            max(y for _, y in points) - self.top,
        )
        self.unit = max(self.extent) / longest
        self.step = 1

    def coarser(self, step: int) -> "Grid":
        """The same grid, of which every ``step``-th number is used."""
        grid = copy(self)
        grid.step = max(1, step)
        return grid

    def at(self, point: Point) -> tuple[int, int]:
        """The numbers used that are nearest to a point."""
        own = self.unit * self.step
        x, y = (point[0] - self.left) / own, (point[1] - self.top) / own
        return round(x) * self.step, round(y) * self.step

    @property
    def box(self) -> tuple[int, int]:
        """Width and height of the frame."""
        return self.at((self.left + self.extent[0], self.top + self.extent[1]))


def path_of(shape: Shape, grid: Grid) -> str:
    """An SVG path in relative whole numbers."""
    return "".join(_ring(ring, grid) for ring in shape)


def _ring(ring: Ring, grid: Grid) -> str:
    points = list(_without_repeats([grid.at(point) for point in ring]))
    if len(points) < 4:
        return ""
    x, y = points[0]
    steps = "".join(f"{_signed(u - a)}{_signed(v - b)}" for (a, b), (u, v) in pairwise(points[:-1]))
    return f"M{x} {y}l{steps.lstrip()}z"


def _signed(number: float) -> str:
    return f"{number}" if number < 0 else f" {number}"


def middle(shape: Shape, grid: Grid) -> tuple[int, int]:
    """The centre of gravity of the shape's largest part."""
    ring = max(shape, key=lambda part: abs(area(part)))
    whole = area(ring)
    terms = [(x + u, y + v, x * v - u * y) for (x, y), (u, v) in pairwise(ring)]
    return grid.at(
        (
            sum(x * own for x, _, own in terms) / 6 / whole,
            sum(y * own for _, y, own in terms) / 6 / whole,
        )
    )


def drawn(shapes: Mapping[str, Shape], grid: Grid, pixel: float) -> dict[str, object]:
    """Each shape as the page draws it: its path, and where its middle is."""
    finest = FINEST * pixel * pixel
    lines = Lines(shapes, finest)
    result: dict[str, object] = {}
    for id_, shape in sorted(shapes.items()):
        largest = size(shape)
        seen = [ring for ring in shape if abs(area(ring)) >= min(finest * 2, largest)]
        thinned = [lines.thin(ring) for ring in seen]
        result[id_] = {"d": path_of(thinned, grid), "at": middle(shape, grid)}
    return result


def write(name: str, content: object) -> None:
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    (OUT / name).write_text(text + "\n", "utf-8")
    print(name, len(text))


def main(folder: Path) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    entities = read(folder / ENTITIES, lambda of: f"{of['ent']:02}")
    country = Grid(entities.values(), WIDTH)
    write("entities.json", {"box": country.box, "areas": drawn(entities, country, country.unit)})
    fine = Grid(entities.values(), WIDTH * FINER)
    for year in DISTRICTINGS:
        source = folder / f"distritos_federales_{year}.geojson"
        districts = read(source, lambda of: f"{of['ent']:02}/{of['dto']:02}")
        areas = drawn_by_entity(entities, districts, fine)
        write(f"districts-{year}.json", {"box": fine.box, "areas": areas})


def drawn_by_entity(
    entities: Iterable[str], districts: Mapping[str, Shape], fine: Grid
) -> dict[str, object]:
    """The districts of each entity, as fine as that entity is small."""
    areas: dict[str, object] = {}
    for entity in sorted(entities):
        own = {id_: shape for id_, shape in districts.items() if id_.startswith(f"{entity}/")}
        longest = max(Grid(own.values(), 1).extent)
        grid = fine.coarser(round(longest / fine.unit / GRID))
        areas |= drawn(own, grid, longest / DRAWN)
    return areas


if __name__ == "__main__":
    main(Path(sys.argv[1]))
