/** From an address to what stands there in a cut. */

import type { By, Route } from './route';
import type { Sheet } from './outlines';
import type { Contest } from './running';
import { TreeFault, type Fault, type Tree } from './tree';
import type {
  Acta,
  ActaGroup,
  AreaResults,
  ChildArea,
  ElectionDescription,
  Manifest,
  PublishedActa,
  SeccionResults,
  Summary,
} from './wire';

/** A cut that is being read. */
export interface Cut {
  manifest: Manifest;
  description: ElectionDescription;
}

export type Page =
  | { view: 'landing' }
  | { view: 'area'; contest: Contest; area: AreaResults; by: By; runs: Runs; map: MapAreas | null }
  | { view: 'seccion'; contest: Contest; seccion: SeccionResults }
  | ActaPage
  | GroupPage
  | { view: 'outOfCatalogue'; contest: Contest; root: AreaResults; actas: Acta[]; images: Record<string, number> }
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
export type Runs = ReadonlyMap<string, AreaResults>;

/** What a map of the view shows, and on which outlines; `above` has the names of areas above them that the view is not. */
export interface MapAreas {
  sheet: Sheet;
  areas: ChildArea[];
  above: ReadonlyMap<string, string>;
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
      return (await walking()).walk(tree, cut, route, unfolded);
    case 'check':
      return resolveCheck(tree, cut, route);
    case 'databases':
    case 'mine':
    case 'help':
      return { view: route.view };
    case 'history':
    case 'screen': {
      const known = route.contest === '' || cut.manifest.contests.some(({ id }) => id === route.contest);
      return known ? { view: route.view, chosen: route.contest } : { view: 'unknown' };
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
  if (page.view === 'acta') return { view: 'check', chosen: contest, subject: page };
  const isRoot = page.view === 'area' && path.length === 0;
  return isRoot ? { view: 'check', chosen: contest, subject: null } : { view: 'unknown' };
}

/** The way down to results, fetched with the first view of them. Throws a `TreeFault`. */
export async function walking() {
  try {
    return await import('./walk');
  } catch {
    throw new TreeFault('network', 'walk');
  }
}
