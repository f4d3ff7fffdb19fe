/** A section: what its run and the catalogue say of it, its actas out of the log, and what they come to. */

import { ContestTally, countOf, sheetOf, type Counting } from '../counting/tally';
import type { Contest } from '../figures/running';
import { TreeFault } from './fault';
import { readLeaves } from './leaves';
import { expectedAt, votesOf, type AreaResults, type RunResults } from './results';
import type { Tree } from './tree';
import {
  NOBODY,
  type ActaLeaf,
  type AreaName,
  type ElectionDescription,
  type ExpectedActa,
  type Level,
  type Manifest,
  type Outside,
  type Summary,
  type Votes,
} from './wire';

/** An acta of the catalogue, and its standing version if it is captured. */
export interface PublishedActa {
  expected: ExpectedActa;
  counting: Counting;
  total: number;
  acta: ActaLeaf | null;
  leaf: number | null;
  /** Leaves of superseded versions, oldest first. */
  earlier: number[];
  /** Bytes of its image, where the tree has it at `actas/<image_sha256>.jpg`. */
  image: number | null;
}

export interface SeccionResults {
  kind: 'seccion';
  contest: string;
  level: Level;
  path: string;
  name: string;
  parents: AreaName[];
  summary: Summary;
  votes: Votes;
  actas: PublishedActa[];
}

/** A version of an acta, and its place in the log. */
export interface Version {
  leaf: number;
  acta: ActaLeaf;
}

/** An acta out of catalogue. */
export interface OutsideActa extends Version {
  image: number | null;
}

/** In which a section is read. */
interface Cut {
  manifest: Manifest;
  description: ElectionDescription;
}

/**
 * Section number `index` of a run of `unit`, with all its actas. Throws a `TreeFault` where an acta is
 * not in the log.
 */
export async function readSeccion(
  tree: Tree,
  { manifest, description }: Cut,
  contest: Contest,
  unit: AreaResults,
  { run, expected, sections }: RunResults,
  index: number,
): Promise<SeccionResults> {
  const section = sections[index]!;
  const first = expected.actas.slice(0, index).reduce((sum, actas) => sum + actas, 0);
  const at = Array.from({ length: section.expected }, (_, position) => first + position);
  const captured = at.filter((position) => run.leaves[position] !== NOBODY);
  const leaves = await readLeaves(
    tree,
    manifest,
    captured.map((position) => ({
      leaf: run.leaves[position]!,
      offset: run.offsets[position]!,
    })),
  );
  const tally = new ContestTally(contest, description.rules, false);
  const actas = at.map((position): PublishedActa => {
    const of = expectedAt(expected.expected, position);
    const leaf = run.leaves[position]!;
    const earlier = run.earlier?.[position] ?? [];
    const acta = leaf === NOBODY ? null : leaves.get(leaf)!;
    if (acta) checkIdentity(acta, contest, of.id, earlier.length + 1);
    const sheet = acta && sheetOf(acta);
    tally.add(unit.path, of, sheet);
    return {
      expected: of,
      ...(sheet ? countOf(sheet, of, description.rules) : { counting: -1, total: 0 }),
      acta,
      leaf: acta && leaf,
      earlier,
      image: run.images[position] || null,
    };
  });
  const { columns, off_ballot: offBallot, candidacies } = tally.result();
  const byKey = new Map(candidacies.map(({ key, votes }) => [key, votes]));
  const own = unit.running.map(([, key]) => byKey.get(key) ?? 0);
  const { level, path, name } = unit;
  return {
    kind: 'seccion',
    contest: contest.id,
    level: 'seccion',
    path: section.path,
    name: section.name,
    parents: [...unit.parents, { level, path, name }],
    summary: tally.summaryOfArea(),
    votes: votesOf(columns, own, offBallot, unit.running),
    actas,
  };
}

/** Every version of an acta, oldest first. Throws a `TreeFault`. */
export async function readVersions(
  tree: Tree,
  manifest: Manifest,
  contest: Contest,
  { expected, acta, leaf, earlier }: PublishedActa,
): Promise<Version[]> {
  if (!acta || leaf === null) return [];
  // Where superseded versions begin in their bundles, no run says.
  const spots = earlier.map((superseded) => ({ leaf: superseded, offset: null }));
  const leaves = await readLeaves(tree, manifest, spots);
  const before = earlier.map((superseded, index) => {
    const version = leaves.get(superseded)!;
    checkIdentity(version, contest, expected.id, index + 1);
    return { leaf: superseded, acta: version };
  });
  return [...before, { leaf, acta }];
}

/** The first actas out of catalogue, at most so many. Throws a `TreeFault`. */
export async function readOutside(
  tree: Tree,
  manifest: Manifest,
  contest: Contest,
  { leaves, offsets, images }: Outside,
  most: number,
): Promise<OutsideActa[]> {
  const wanted = leaves.slice(0, most);
  const spots = wanted.map((leaf, index) => ({ leaf, offset: offsets[index] ?? null }));
  const found = await readLeaves(tree, manifest, spots);
  return wanted.map((leaf, index) => {
    const acta = found.get(leaf)!;
    checkIdentity(acta, contest, null, 1);
    return { leaf, acta, image: images[index] || null };
  });
}

/** A leaf of the log is of the acta, and the version of it, for which it is named. */
function checkIdentity(acta: ActaLeaf, contest: Contest, id: string | null, version: number): void {
  const fits =
    acta.contest === contest.id &&
    acta.acta === id &&
    acta.version === version &&
    acta.votes.length === contest.columns.length;
  if (!fits) throw new TreeFault('altered', id ?? contest.id);
}
