/** From an address to what stands there in a cut: a walk from the manifest down, by reference. */

import type { By, Route } from './route';
import type { Fault, Tree } from './tree';
import type {
  Acta,
  AreaResults,
  ChildArea,
  ElectionDescription,
  Manifest,
  PublishedActa,
  PublishedContest,
  SeccionResults,
  Summary,
} from './wire';

/** A cut that is being read. */
export interface Cut {
  manifest: Manifest;
  description: ElectionDescription;
}

export type Page =
  | { view: 'landing'; roots: Record<string, AreaResults> }
  | { view: 'area'; contest: PublishedContest; area: AreaResults; by: By }
  | { view: 'seccion'; contest: PublishedContest; seccion: SeccionResults }
  | { view: 'acta'; contest: PublishedContest; seccion: SeccionResults; acta: PublishedActa }
  | { view: 'outOfCatalogue'; contest: PublishedContest; root: AreaResults; actas: Acta[] }
  | { view: 'unknown' }
  | { view: 'trouble'; fault: Fault };

/** The figures that the page is about; `null` where it is about several contests or none. */
export function summaryOf(page: Page): Summary | null {
  switch (page.view) {
    case 'area':
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
export async function resolve(tree: Tree, cut: Cut, route: Route): Promise<Page> {
  switch (route.view) {
    case 'landing':
      return { view: 'landing', roots: await rootsOf(tree, cut.manifest) };
    case 'results':
      return resolveResults(tree, cut, route.contest, route.path, route.by);
    case 'outOfCatalogue':
      return resolveOutOfCatalogue(tree, cut, route.contest);
    case 'unknown':
      return { view: 'unknown' };
  }
}

async function rootsOf(tree: Tree, manifest: Manifest): Promise<Record<string, AreaResults>> {
  const roots = manifest.contests.map(
    async (contest) => [contest.id, await tree.object(contest.results, ['area'])] as const,
  );
  return Object.fromEntries(await Promise.all(roots));
}

function find(cut: Cut, id: string) {
  const contest = cut.description.contests.find((one) => one.id === id);
  const results = cut.manifest.contests.find((one) => one.id === id)?.results;
  return contest && results ? { contest, results } : null;
}

async function resolveResults(
  tree: Tree,
  cut: Cut,
  id: string,
  path: string[],
  by: By,
): Promise<Page> {
  const found = find(cut, id);
  if (!found) return { view: 'unknown' };
  const { contest } = found;
  let here: AreaResults | SeccionResults = await tree.object(found.results, ['area']);
  for (const depth of path.keys()) {
    if (here.kind === 'seccion') return actaOf(contest, here, path.slice(depth));
    const below: string = path.slice(0, depth + 1).join('/');
    const child: ChildArea | undefined = here.children.find((one) => one.path === below);
    if (!child) return { view: 'unknown' };
    here = await tree.object(child.object, ['area', 'seccion']);
  }
  if (here.kind === 'seccion') return { view: 'seccion', contest, seccion: here };
  return { view: 'area', contest, area: here, by };
}

function actaOf(contest: PublishedContest, seccion: SeccionResults, rest: string[]): Page {
  const acta = seccion.actas.find((one) => one.expected.id === rest[0]);
  if (!acta || rest.length > 1) return { view: 'unknown' };
  return { view: 'acta', contest, seccion, acta };
}

async function resolveOutOfCatalogue(tree: Tree, cut: Cut, id: string): Promise<Page> {
  const found = find(cut, id);
  if (!found) return { view: 'unknown' };
  const root = await tree.object(found.results, ['area']);
  const { actas } = root.out_of_catalogue
    ? await tree.object(root.out_of_catalogue, ['out_of_catalogue'])
    : { actas: [] };
  return { view: 'outOfCatalogue', contest: found.contest, root, actas };
}
