/** A walk from the manifest down, by reference: a contest's areas, sections and actas. */

import type { Route } from './route';
import {
  alike,
  FIRST_OUTSIDE,
  foldOf,
  groupFoldOf,
  idOfContest,
  mapFoldOf,
  outsideFoldOf,
  reader,
  type Cut,
  type MapAreas,
  type Page,
  type Runs,
  type Unfolded,
} from './resolve';
import { groupsOf } from '../figures/groups';
import { sheetOf, type Sheet } from '../map/outlines';
import type { Contest } from '../figures/running';
import { isRun, runWith, seccionId } from '../figures/runs';
import { idOf } from './title';
import { areaAt, outsideAt, rootOf, runAt } from '../tree/areas';
import { TreeFault, type Tree } from '../tree/tree';
import type { AreaResults, ChildArea, RunResults } from '../tree/results';
import type { SeccionResults } from '../tree/seccion';
import type { ActaGroup, Level } from '../tree/wire';

/** What a route of a contest's results shows in `cut`. Throws a `TreeFault` where the tree cannot be read. */
export function walk(
  tree: Tree,
  cut: Cut,
  route: Extract<Route, { view: 'results' | 'group' | 'outOfCatalogue' }>,
  unfolded: Unfolded,
): Promise<Page> {
  switch (route.view) {
    case 'results':
      return resolveResults(tree, cut, route, unfolded);
    case 'group':
      return resolveGroup(tree, cut, route, unfolded);
    case 'outOfCatalogue':
      return resolveOutOfCatalogue(tree, cut, route.contest, unfolded);
  }
}

/** A contest with who runs in it, and its results. */
async function find(tree: Tree, cut: Cut, id: string) {
  const published = alike(cut.description.contests, idOfContest, id);
  if (!published || !cut.manifest.contests.some(({ id }) => id === published.id)) return null;
  const [{ units }, root] = await Promise.all([
    tree.declared(published.running, 'candidacies'),
    rootOf(tree, cut.manifest, published.id),
  ]);
  const contest: Contest = { ...published, candidacies: units };
  return { contest, root };
}

async function resolveResults(
  tree: Tree,
  cut: Cut,
  { contest: id, path, by }: Extract<Route, { view: 'results' }>,
  unfolded: Unfolded,
): Promise<Page> {
  const found = await find(tree, cut, id);
  if (!found) return { view: 'unknown' };
  const { contest } = found;
  let here: AreaResults | SeccionResults = found.root;
  for (const depth of path.keys()) {
    if (here.kind === 'seccion') return actaOf(tree, cut, contest, here, path.slice(depth));
    const child: AreaResults | Section | null = await childAt(tree, here, path[depth]!);
    if (!child) return { view: 'unknown' };
    here = child.kind === 'area' ? child : await seccionOf(tree, cut, contest, child);
  }
  if (here.kind === 'seccion') return { view: 'seccion', contest, seccion: here };
  const [runs, map] = await Promise.all([
    runsOf(tree, contest, here, unfolded),
    mapOf(tree, cut, contest, here, unfolded),
  ]);
  return { view: 'area', contest, area: here, by, runs, map };
}

async function resolveGroup(
  tree: Tree,
  cut: Cut,
  { contest: id, path, group }: Extract<Route, { view: 'group' }>,
  unfolded: Unfolded,
): Promise<Page> {
  const page = await resolveResults(
    tree,
    cut,
    { view: 'results', contest: id, path, by: 'candidacy' },
    new Set(),
  );
  const own = page.view === 'area' && page.area.groups.find((figures) => figures.group === group);
  if (page.view !== 'area' || !own) return { view: 'unknown' };
  const { contest, area } = page;
  const areas = area.children.filter((child) => !isRun(child));
  const [below, secciones] = await Promise.all([
    unfolded.has(groupFoldOf(contest))
      ? Promise.all(areas.map(({ object }) => areaAt(tree, object)))
      : null,
    Promise.all(own.secciones.map((name) => actasOf(tree, cut, contest, area, name, group))),
  ]);
  return { view: 'group', contest, area, group, below, secciones };
}

/** A section with its actas of a group alone. */
async function actasOf(
  tree: Tree,
  cut: Cut,
  contest: Contest,
  unit: AreaResults,
  name: string,
  group: ActaGroup,
): Promise<SeccionResults> {
  const section = await childAt(tree, unit, name);
  if (section?.kind !== 'section') throw new TreeFault('unknown-format', `${unit.path}/${name}`);
  const found = await seccionOf(tree, cut, contest, section);
  return {
    ...found,
    actas: found.actas.filter(({ expected }) => groupsOf(expected).includes(group)),
  };
}

/** The outlines of the election's areas of `level`, where the page has them. */
export function sheetIn({ description }: Cut, level: Level): Sheet | null {
  return description.root.level === 'national' ? sheetOf(level, description.districting) : null;
}

async function mapOf(
  tree: Tree,
  cut: Cut,
  contest: Contest,
  { children }: AreaResults,
  unfolded: Unfolded,
): Promise<MapAreas | null> {
  const level = children[0]?.level;
  const sheet = level && sheetIn(cut, level === 'circunscripcion' ? 'district' : level);
  if (!sheet) return null;
  if (level !== 'circunscripcion') return { sheet, areas: children, above: new Map() };
  if (!unfolded.has(mapFoldOf(contest))) return null;
  const entities = (await Promise.all(children.map((child) => below(tree, child)))).flat();
  const districts = await Promise.all(entities.map((entity) => below(tree, entity)));
  return {
    sheet,
    areas: districts.flat(),
    above: new Map(entities.map(({ path, name }) => [path, name])),
  };
}

async function below(tree: Tree, { object }: ChildArea): Promise<ChildArea[]> {
  return (await areaAt(tree, object)).children;
}

/** A section of a unit, which its run has under this number. */
export interface Section {
  kind: 'section';
  unit: AreaResults;
  run: RunResults;
  index: number;
}

/** What stands right below `area` under this id; a section by the run that holds it. */
export async function childAt(
  tree: Tree,
  area: AreaResults,
  id: string,
): Promise<AreaResults | Section | null> {
  const listed = runWith(area.children, seccionId(id) ?? id);
  if (listed) {
    const run = await runAt(tree, listed.object, area);
    const section = alike(run.sections, ({ name }) => name, id);
    if (section) return { kind: 'section', unit: area, run, index: run.sections.indexOf(section) };
  }
  const areas = area.children.filter((child) => !isRun(child));
  const child = alike(areas, ({ path }) => idOf(path), id);
  return child ? areaAt(tree, child.object) : null;
}

async function seccionOf(
  tree: Tree,
  cut: Cut,
  contest: Contest,
  { unit, run, index }: Section,
): Promise<SeccionResults> {
  return (await reader()).readSeccion(tree, cut, contest, unit, run, index);
}

/** The unit's only run, or those that are unfolded. */
async function runsOf(
  tree: Tree,
  contest: Contest,
  area: AreaResults,
  unfolded: Unfolded,
): Promise<Runs> {
  const shown = area.children.filter(
    (child) =>
      isRun(child) && (area.children.length === 1 || unfolded.has(foldOf(contest, child.path))),
  );
  const runs = shown.map(
    async ({ path, object }) => [path, await runAt(tree, object, area)] as const,
  );
  return new Map(await Promise.all(runs));
}

async function actaOf(
  tree: Tree,
  { manifest }: Cut,
  contest: Contest,
  seccion: SeccionResults,
  rest: string[],
): Promise<Page> {
  const acta = alike(seccion.actas, (published) => published.expected.id, rest[0]!);
  if (!acta || rest.length > 1) return { view: 'unknown' };
  const versions = await (await reader()).readVersions(tree, manifest, contest, acta);
  return { view: 'acta', contest, seccion, acta, versions };
}

async function resolveOutOfCatalogue(
  tree: Tree,
  cut: Cut,
  id: string,
  unfolded: Unfolded,
): Promise<Page> {
  const found = await find(tree, cut, id);
  if (!found) return { view: 'unknown' };
  const { contest, root } = found;
  if (!root.out_of_catalogue) return { view: 'outOfCatalogue', contest, root, actas: [], all: 0 };
  const outside = await outsideAt(tree, root.out_of_catalogue);
  const most = unfolded.has(outsideFoldOf(contest)) ? Infinity : FIRST_OUTSIDE;
  const actas = await (await reader()).readOutside(tree, cut.manifest, contest, outside, most);
  return { view: 'outOfCatalogue', contest, root, actas, all: outside.leaves.length };
}
