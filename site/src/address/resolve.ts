/** From an address to what stands there in a cut. */

import type { By, Route } from './route';
import type { Sheet } from '../map/outlines';
import type { Contest } from '../figures/running';
import { loadAgain } from '../shown/loading';
import { TreeFault, type Fault, type Tree } from '../tree/tree';
import type { AreaResults, ChildArea, RunResults } from '../tree/results';
import type { OutsideActa, PublishedActa, SeccionResults, Version } from '../tree/seccion';
import type { ActaGroup, ElectionDescription, Manifest, Summary } from '../tree/wire';

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
    case 'group':
    case 'outOfCatalogue':
      return (await walker()).walk(tree, cut, route, unfolded);
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

export const idOfContest = ({ id }: { id: string }) => id;

/** The one of this id, or else as people write it: without its zeros, in small letters. */
export function alike<Item>(
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

/** What walks down the results, fetched with the first of them. */
export async function walker(): Promise<typeof import('../shown/walking')> {
  return fetched(() => import('../shown/walking'), 'results');
}

/** What reads sections out of the log, fetched with the first of them. */
export async function reader(): Promise<typeof import('../shown/log')> {
  return fetched(() => import('../shown/log'), 'seccion');
}

async function fetched<Module>(load: () => Promise<Module>, name: string): Promise<Module> {
  try {
    return await loadAgain(load);
  } catch {
    throw new TreeFault('network', name);
  }
}
