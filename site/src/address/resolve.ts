/** From an address to what stands there in a cut: a walk from the manifest down, by reference. */

import type { By, Route } from './route';
import { groupsOf } from '../figures/groups';
import { sheetOf, type Sheet } from '../map/outlines';
import type { Contest } from '../figures/running';
import { isRun, runWith, seccionId } from '../figures/runs';
import { idOf } from './title';
import { TreeFault, type Fault, type Tree } from '../tree/tree';
import { loadAgain } from '../shown/loading';
import type { AreaResults, ChildArea, RunResults } from '../tree/results';
import type { OutsideActa, PublishedActa, SeccionResults, Version } from '../tree/seccion';
import type { ActaGroup, ElectionDescription, Level, Manifest, Summary } from '../tree/wire';

/** A cut that is being read. */
export interface Cut {
  manifest: Manifest;
  description: ElectionDescription;
}

export type Page =
  | { view: 'landing' }
  /** The cut is known, and the first view of it is on its way. */
  | { view: 'coming' }
  | { view: 'area'; contest: Contest; area: AreaResults; by: By; runs: Runs; map: MapAreas | null }
  | { view: 'seccion'; contest: Contest; seccion: SeccionResults }
  | ActaPage
  | GroupPage
  | {
      view: 'outOfCatalogue';
      contest: Contest;
      root: AreaResults;
      /** Those that are shown, of so many. */
      actas: OutsideActa[];
      all: number;
    }
  | { view: 'databases' | 'mine' | 'help' }
  | { view: 'history' | 'screen'; chosen: string }
  | { view: 'check'; chosen: string; subject: ActaPage | null }
  | { view: 'unknown' }
  | { view: 'trouble'; fault: Fault };

export type ActaPage = {
  view: 'acta';
  contest: Contest;
  seccion: SeccionResults;
  acta: PublishedActa;
  /** Every version of it, oldest first. */
  versions: Version[];
};

export type GroupPage = {
  view: 'group';
  contest: Contest;
  area: AreaResults;
  group: ActaGroup;
  /** The areas below, where they were asked for. */
  below: AreaResults[] | null;
  /** In a unit: the sections with actas of a group by kind, and only those actas. */
  secciones: SeccionResults[];
};

/** What is unfolded within a view: paths of runs, each behind its contest's id. */
export type Unfolded = ReadonlySet<string>;

/** The runs of a unit that are shown, by path. */
export type Runs = ReadonlyMap<string, RunResults>;

/** What a map of the view shows, and on which outlines; `above` has the names of areas above them that the view is not. */
export interface MapAreas {
  sheet: Sheet;
  areas: ChildArea[];
  above: ReadonlyMap<string, string>;
}

/** The fold of the map that has to be fetched: of the districts below circunscripciones. */
export function mapFoldOf(contest: Contest): string {
  return foldOf(contest, 'mapa');
}

/** The fold of the actas out of catalogue beyond the first. */
export function outsideFoldOf(contest: Contest): string {
  return foldOf(contest, 'fuera');
}

/** So many actas out of catalogue are shown at first: each is read out of the log. */
export const FIRST_OUTSIDE = 30;

/** The fold of a group's areas: each of them has to be fetched. */
export function groupFoldOf(contest: Contest): string {
  return foldOf(contest, 'areas');
}

export function foldOf(contest: Contest, path: string): string {
  return `${contest.id}/${path}`;
}

/** The figures that the page is about; `null` where it is about several contests or none. */
export function summaryOf(page: Page): Summary | null {
  switch (page.view) {
    case 'area':
    case 'group':
      return page.area.summary;
    case 'seccion':
    case 'acta':
      return page.seccion.summary;
    case 'outOfCatalogue':
      return page.root.summary;
    default:
      return null;
  }
}

/** What `route` shows in `cut`. Throws a `TreeFault` where the tree cannot be read. */
export async function resolve(
  tree: Tree,
  cut: Cut,
  route: Route,
  unfolded: Unfolded,
): Promise<Page> {
  switch (route.view) {
    case 'landing':
      return { view: 'landing' };
    case 'results':
      return resolveResults(tree, cut, route, unfolded);
    case 'group':
      return resolveGroup(tree, cut, route, unfolded);
    case 'outOfCatalogue':
      return resolveOutOfCatalogue(tree, cut, route.contest, unfolded);
    case 'check':
      return resolveCheck(tree, cut, route);
    case 'databases':
    case 'mine':
    case 'help':
      return { view: route.view };
    case 'history':
    case 'screen': {
      const chosen =
        route.contest === '' ? '' : alike(cut.manifest.contests, idOfContest, route.contest)?.id;
      return chosen === undefined ? { view: 'unknown' } : { view: route.view, chosen };
    }
    case 'past':
      return resolve(tree, cut, route.of, unfolded);
    case 'unknown':
      return { view: 'unknown' };
  }
}

/** What is to be checked: the cut, or a contest or an acta of it too. */
async function resolveCheck(
  tree: Tree,
  cut: Cut,
  { contest, path }: Extract<Route, { view: 'check' }>,
): Promise<Page> {
  if (contest === '') return { view: 'check', chosen: '', subject: null };
  const at: Route = { view: 'results', contest, path, by: 'candidacy' };
  const page = await resolve(tree, cut, at, new Set());
  if (page.view === 'acta') return { view: 'check', chosen: page.contest.id, subject: page };
  const isRoot = page.view === 'area' && path.length === 0;
  return isRoot ? { view: 'check', chosen: page.contest.id, subject: null } : { view: 'unknown' };
}

/** A contest with who runs in it, and its results. */
async function find(tree: Tree, cut: Cut, id: string) {
  const published = alike(cut.description.contests, idOfContest, id);
  if (!published || !cut.manifest.contests.some(({ id }) => id === published.id)) return null;
  const [{ units }, root] = await Promise.all([
    tree.declared(published.running, 'candidacies'),
    tree.root(cut.manifest, published.id),
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
      ? Promise.all(areas.map(({ object }) => tree.area(object)))
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
  return (await tree.area(object)).children;
}

const idOfContest = ({ id }: { id: string }) => id;

/** The one of this id, or else as people write it: without its zeros, in small letters. */
function alike<Item>(
  all: readonly Item[],
  idOfItem: (item: Item) => string,
  id: string,
): Item | undefined {
  return (
    all.find((item) => idOfItem(item) === id) ??
    all.find((item) => plain(idOfItem(item)) === plain(id))
  );
}

function plain(id: string): string {
  return /^\d+$/.test(id) ? id.replace(/^0+(?=\d)/, '') : id.toUpperCase();
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
    const run = await tree.run(listed.object, area);
    const section = alike(run.sections, ({ name }) => name, id);
    if (section) return { kind: 'section', unit: area, run, index: run.sections.indexOf(section) };
  }
  const areas = area.children.filter((child) => !isRun(child));
  const child = alike(areas, ({ path }) => idOf(path), id);
  return child ? tree.area(child.object) : null;
}

/** What reads sections out of the log, fetched with the first of them. */
async function reader(): Promise<typeof import('../tree/seccion')> {
  try {
    return await loadAgain(() => import('../tree/seccion'));
  } catch {
    throw new TreeFault('network', 'seccion');
  }
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
  const runs = shown.map(async ({ path, object }) => [path, await tree.run(object, area)] as const);
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
  const outside = await tree.outside(root.out_of_catalogue);
  const most = unfolded.has(outsideFoldOf(contest)) ? Infinity : FIRST_OUTSIDE;
  const actas = await (await reader()).readOutside(tree, cut.manifest, contest, outside, most);
  return { view: 'outOfCatalogue', contest, root, actas, all: outside.leaves.length };
}
