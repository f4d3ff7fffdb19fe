/** From a contest's address down to what stands there in a cut: by reference, from the manifest. */

import { groupsOf } from './groups';
import { sheetOf, type Sheet } from './outlines';
import type { Cut, MapAreas, Page, Runs, Unfolded } from './resolve';
import type { Route } from './route';
import type { Contest } from './running';
import { isRun, runWith } from './runs';
import { TreeFault, type Tree } from './tree';
import type { ActaGroup, AreaResults, ChildArea, Level, SeccionResults } from './wire';

type ResultsRoute = Extract<Route, { view: 'results' | 'group' | 'outOfCatalogue' }>;

/** What `route` shows of a contest in `cut`. Throws a `TreeFault` where the tree cannot be read. */
export function walk(tree: Tree, cut: Cut, route: ResultsRoute, unfolded: Unfolded): Promise<Page> {
  switch (route.view) {
    case 'results':
      return resolveResults(tree, cut, route, unfolded);
    case 'group':
      return resolveGroup(tree, cut, route, unfolded);
    case 'outOfCatalogue':
      return resolveOutOfCatalogue(tree, cut, route.contest);
  }
}

/** The fold of the map that has to be fetched: of the districts below circunscripciones. */
export function mapFoldOf(contest: Contest): string {
  return foldOf(contest, 'map');
}

/** The fold of a group's areas: each of them has to be fetched. */
export function groupFoldOf(contest: Contest): string {
  return foldOf(contest, 'groups');
}

export function foldOf(contest: Contest, path: string): string {
  return `${contest.id}/${path}`;
}

/** A contest with who runs in it, and where its results begin. */
async function find(tree: Tree, cut: Cut, id: string) {
  const published = cut.description.contests.find((one) => one.id === id);
  const results = cut.manifest.contests.find((one) => one.id === id)?.results;
  if (!published || !results) return null;
  const { units } = await tree.object(published.running, ['candidacies']);
  const contest: Contest = { ...published, candidacies: units };
  return { contest, results };
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
  let here: AreaResults | SeccionResults = await tree.object(found.results, ['area']);
  for (const depth of path.keys()) {
    if (here.kind === 'seccion') return actaOf(contest, here, path.slice(depth));
    const child = await childAt(tree, here, path.slice(0, depth + 1));
    if (!child) return { view: 'unknown' };
    here = child;
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
  const page = await resolveResults(tree, cut, { view: 'results', contest: id, path, by: 'candidacy' }, new Set());
  const own = page.view === 'area' && page.area.groups.find((one) => one.group === group);
  if (page.view !== 'area' || !own) return { view: 'unknown' };
  const { contest, area } = page;
  const areas = area.children.filter((child) => !isRun(child));
  const [below, secciones] = await Promise.all([
    unfolded.has(groupFoldOf(contest)) ? Promise.all(areas.map(({ object }) => tree.object(object, ['area']))) : null,
    Promise.all(own.secciones.map((name) => actasOf(tree, area, [...path, name], group))),
  ]);
  return { view: 'group', contest, area, group, below, secciones };
}

/** A section with its actas of a group alone. */
async function actasOf(tree: Tree, unit: AreaResults, path: string[], group: ActaGroup): Promise<SeccionResults> {
  const found = await childAt(tree, unit, path);
  if (found?.kind !== 'seccion') throw new TreeFault('unknown-format', path.join('/'));
  return { ...found, actas: found.actas.filter(({ expected }) => groupsOf(expected).includes(group)) };
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
  return { sheet, areas: districts.flat(), above: new Map(entities.map(({ path, name }) => [path, name])) };
}

async function below(tree: Tree, { object }: ChildArea): Promise<ChildArea[]> {
  return (await tree.object(object, ['area'])).children;
}

/** What stands at `path` right below `area`; sections are listed by the run that holds them. */
export async function childAt(
  tree: Tree,
  area: AreaResults,
  path: readonly string[],
): Promise<AreaResults | SeccionResults | null> {
  const run = runWith(area.children, path.at(-1)!);
  const { children } = run ? await tree.object(run.object, ['area']) : area;
  const child = children.find((one) => !isRun(one) && one.path === path.join('/'));
  return child ? tree.object(child.object, ['area', 'seccion']) : null;
}

/** The unit's only run, or those that are unfolded. */
async function runsOf(
  tree: Tree,
  contest: Contest,
  area: AreaResults,
  unfolded: Unfolded,
): Promise<Runs> {
  const shown = area.children.filter(
    (child) => isRun(child) && (area.children.length === 1 || unfolded.has(foldOf(contest, child.path))),
  );
  const runs = shown.map(
    async ({ path, object }) => [path, await tree.object(object, ['area'])] as const,
  );
  return new Map(await Promise.all(runs));
}

function actaOf(contest: Contest, seccion: SeccionResults, rest: string[]): Page {
  const acta = seccion.actas.find((one) => one.expected.id === rest[0]);
  if (!acta || rest.length > 1) return { view: 'unknown' };
  return { view: 'acta', contest, seccion, acta };
}

async function resolveOutOfCatalogue(tree: Tree, cut: Cut, id: string): Promise<Page> {
  const found = await find(tree, cut, id);
  if (!found) return { view: 'unknown' };
  const root = await tree.object(found.results, ['area']);
  const outside = root.out_of_catalogue && (await tree.object(root.out_of_catalogue, ['out_of_catalogue']));
  const { actas = [], images = {} } = outside ?? {};
  return { view: 'outOfCatalogue', contest: found.contest, root, actas, images };
}
