/** Results of a tree, from a contest's root down: each object held against its digest and joined with its catalogue. */

import { TreeFault } from './fault';
import { cutEntry, digestText, partsOf, spanOf } from './packs';
import { twice, type Asked } from './refs';
import { joinArea, joinRun, type AreaResults, type RunResults } from './results';
import { checkKind, digestOf, hasOtherBytes, json, MOST_BYTES, parse, type Tree } from './tree';
import type { At, Link, Manifest, Outside, ResultObjects, Where } from './wire';

const MOST_OF_WHERE = 64 * 1024;
const wheres = new WeakMap<Manifest, Promise<Where>>();

/**
 * Where a contest's results begin in the cut that `manifest` lists. Throws `totals-only` where this tree
 * does not say where they are: it joined later, and has of that cut what the manifest says.
 */
export async function rootOf(
  tree: Tree,
  manifest: Manifest,
  contest: string,
): Promise<AreaResults> {
  const digest = manifest.contests.find(({ id }) => id === contest)?.results;
  if (digest === undefined) throw new TreeFault('unknown-format', `cuts/${manifest.cut}.json`);
  return twice(digest, 'no-cache', hasOtherBytes, async (asked) => {
    const at = (await whereOf(tree, manifest, asked)).roots[contest];
    if (!at) throw new TreeFault('altered', `cuts/${manifest.cut}.where`);
    return areaAt(tree, { digest, at });
  });
}

/** An area above the sections, joined with its catalogue. */
export function areaAt(tree: Tree, link: Link): Promise<AreaResults> {
  return tree.kept(nameOf('area', link), async () => {
    const { found, parts } = await packed(tree, link, 'area');
    const [catalogue, ...below] = parts;
    const children = below.slice(0, found.children.length);
    const outside = below[children.length] ?? null;
    const joined = await catalogueAt(tree, catalogue!, 'area_catalogue');
    return fitting(link, () => joinArea(found, joined, { children, outside }));
  });
}

/** A run of sections of `unit`, and what it expects. */
export function runAt(tree: Tree, link: Link, unit: AreaResults): Promise<RunResults> {
  return tree.kept(nameOf('run', link), async () => {
    const { found, parts } = await packed(tree, link, 'run');
    const catalogue = await catalogueAt(tree, parts[0]!, 'run_catalogue');
    return fitting(link, () => joinRun(found, catalogue, unit, link));
  });
}

/** The actas out of catalogue. */
export function outsideAt(tree: Tree, link: Link): Promise<Outside> {
  return tree.kept(nameOf('outside', link), async () => {
    return (await packed(tree, link, 'outside')).found;
  });
}

function catalogueAt<Kind extends 'area_catalogue' | 'run_catalogue'>(
  tree: Tree,
  link: Link,
  kind: Kind,
): Promise<ResultObjects[Kind]> {
  return tree.kept(nameOf(kind, link), async () => (await packed(tree, link, kind)).found);
}

/** By where it stands too: it names its parts by place. */
function nameOf(kind: string, { digest, at }: Link): string {
  return `${kind} ${digest} ${at.join()}`;
}

/** Read once for a cut, and anew where what it led to was not there. */
function whereOf(tree: Tree, manifest: Manifest, asked: Asked): Promise<Where> {
  let found = asked.query ? undefined : wheres.get(manifest);
  if (!found) {
    found = readWhere(tree, manifest, asked);
    found.catch(() => wheres.delete(manifest));
    wheres.set(manifest, found);
  }
  return found;
}

async function readWhere(tree: Tree, { cut }: Manifest, asked: Asked): Promise<Where> {
  const path = `cuts/${cut}.where`;
  try {
    const where = parse<Where>((await tree.ask(path, asked, MOST_OF_WHERE)).bytes, path);
    if (where.cut !== cut) throw new TreeFault('altered', path);
    return where;
  } catch (error) {
    const isLeftOut = error instanceof TreeFault && error.fault === 'missing';
    throw isLeftOut && cut < tree.newest ? new TreeFault('totals-only', path) : error;
  }
}

/** The object that stands at a link, and where its parts are. */
async function packed<Kind extends keyof ResultObjects>(
  tree: Tree,
  { digest, at }: Link,
  kind: Kind,
): Promise<{ found: ResultObjects[Kind]; parts: Link[] }> {
  const span = spanOf(at);
  if (!span || span.size > MOST_BYTES) throw new TreeFault('unknown-format', digest);
  return twice(digest, 'default', hasOtherBytes, async (asked) => {
    const { line, object } = cutEntry(await tree.part(span, asked, MOST_BYTES));
    if (digestText(await digestOf(object)) !== digest) throw new TreeFault('altered', span.path);
    const found = checkKind<ResultObjects[Kind]>(object, kind, span.path);
    const places = json<At[]>(line, span.path);
    return { found, parts: fitting({ digest, at }, () => partsOf(found, places)) };
  });
}

/** What parts come to, which must be of each other. */
function fitting<Found>({ digest }: Link, join: () => Found): Found {
  try {
    return join();
  } catch {
    throw new TreeFault('unknown-format', digest);
  }
}
