/**
 * Counting a contest again from every acta that was ever published: the whole log, leaf by leaf, which several
 * threads read. What they read is the log that the cut's checkpoint is of, or nothing is counted.
 */

import { ContestTally, type Declared, type Recounted, type Sheet } from '../../counting/tally';
import type { Contest } from '../../figures/running';
import type { AreaResults } from '../../tree/results';
import { rootOf as resultsOf } from '../../tree/areas';
import { TreeFault, type Tree } from '../../tree/tree';
import type {
  Catalogue,
  ContestCut,
  CutKind,
  ElectionDescription,
  ExpectedColumns,
  Manifest,
  PublishedRules,
} from '../../tree/wire';
import { same, textOf } from '../log/bytes';
import { readCheckpoint } from '../log/checkpoint';
import { sha256Hex } from '../log/hashing';
import { cutLeaf, decodeLeaf } from '../log/leaf';
import { MAX_NOTE_BYTES } from '../log/note';
import { Refusal } from '../refusal';
import { readObject, type Source } from '../source';
import { idsOf } from './ids';
import { rootOf, WIDTH, type Done, type Log, type Part, type Span } from './part';
import {
  ACTA,
  FLAGS,
  HAS_COUNT,
  IDENTIFIES,
  IS_INCONSISTENT,
  IS_WITHOUT,
  LEAF,
  OUTSIDE,
  VERSION,
  VOTES,
} from './rows';

/** Parts for each thread, so that all end at about the same time. */
const PARTS_EACH = 4;
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

export interface Progress extends Done {
  /** Leaves of the log. */
  of: number;
}

/** What an area below the root comes to, by its path. */
export interface PlaceCounted {
  captured: number;
  counted: number;
  total: number;
  leader_votes: number;
}

export interface Recount {
  /** What the manifest says. */
  cut: ContestCut;
  /** What the contest's results say; `null` where this tree has of the cut only what the manifest says. */
  published: AreaResults | null;
  recounted: Recounted;
  places: Map<string, PlaceCounted>;
  leaves: number;
  bytes: number;
}

/** Reads a part of the log in a thread. Throws a `Refusal`. */
export type Read = (log: Log, span: Span, tell: (done: Done) => void) => Promise<Part>;

/** Counts contest `id` of the cut that `manifest` lists, in `threads`. Throws a `Refusal`. */
export async function recount(
  source: Source,
  tree: Tree,
  manifest: Manifest,
  id: string,
  threads: readonly Read[],
  tell: (progress: Progress) => void,
): Promise<Recount> {
  const cut = manifest.contests.find((listed) => listed.id === id);
  if (!cut) throw new Refusal('structure', id);
  const before = source.received;
  const [declared, published] = await Promise.all([
    declaredOf(source, manifest, id),
    publishedIn(tree, manifest, id),
  ]);
  if (published) checkSame(cut, published);
  const { contest, catalogue, description } = declared;
  const bytes = source.received - before;
  const size = manifest.leaf + 1;
  const ids = idsOf(catalogue.expected.ids, (name) => {
    throw new Refusal('twice', name);
  });
  const log: Log = { contest: id, columns: contest.columns.length, ids, size };
  const parts = await share(log, threads, tell);
  await checkLog(source, manifest, size, parts);
  const below = (published?.children ?? []).filter(({ level }) => level !== 'secciones');
  const places = below.map(({ path }) => path);
  return {
    cut,
    published,
    ...countRows(contest, description.rules, catalogue.expected, manifest.kind, parts, places),
    leaves: size,
    bytes: parts.reduce((sum, part) => sum + part.bytes, bytes),
  };
}

/** What the log's versions of actas come to, in all and in `places` below the root. Throws a `Refusal`. */
export function countRows(
  contest: Contest,
  rules: PublishedRules,
  expected: ExpectedColumns,
  kind: CutKind,
  parts: readonly Pick<Part, 'rows'>[],
  places: readonly string[],
): Pick<Recount, 'recounted' | 'places'> {
  const standing = new Standing(contest, expected, parts);
  const tally = new ContestTally(contest, rules, kind === 'closing');
  tally.addOutOfCatalogue(standing.outside);
  const below = new Map(places.map((path) => [path, new ContestTally(contest, rules, false)]));
  const placeOfUnit = new Map<string, ContestTally | undefined>();
  standing.each((unit, acta, sheet) => {
    tally.add(unit, acta, sheet);
    if (!placeOfUnit.has(unit)) placeOfUnit.set(unit, below.get(unit.split('/', 1)[0]!));
    placeOfUnit.get(unit)?.add(unit, acta, sheet);
  });
  return {
    recounted: tally.result(),
    places: new Map([...below].map(([path, own]) => [path, placeOf(own)])),
  };
}

/** The contest as declared, with all that it expects. */
async function declaredOf(
  source: Source,
  manifest: Manifest,
  id: string,
): Promise<{
  description: ElectionDescription;
  contest: Contest;
  catalogue: Catalogue;
}> {
  const description = await readObject(source, manifest.description, 'election');
  const contest = description.contests.find((listed) => listed.id === id);
  if (!contest) throw new Refusal('structure', id);
  const [{ units }, catalogue] = await Promise.all([
    readObject(source, contest.running, 'candidacies'),
    readObject(source, contest.catalogue, 'catalogue'),
  ]);
  return { description, contest: { ...contest, candidacies: units }, catalogue };
}

async function publishedIn(
  tree: Tree,
  manifest: Manifest,
  id: string,
): Promise<AreaResults | null> {
  try {
    return await resultsOf(tree, manifest, id);
  } catch (error) {
    if (!(error instanceof TreeFault)) throw error;
    if (error.fault === 'missing' || error.fault === 'totals-only') return null;
    if (error.fault === 'altered') throw new Refusal('altered', error.path);
    throw new Refusal(error.fault === 'unknown-format' ? 'format' : 'network', error.path);
  }
}

/** The landing shows the manifest's figures, and the contest's own view those of its results. */
function checkSame(cut: ContestCut, { summary, votes, won, contest }: AreaResults): void {
  const shown = JSON.stringify([cut.id, cut.summary, cut.votes, cut.won]);
  if (shown !== JSON.stringify([contest, summary, votes, won]))
    throw new Refusal('landing-differs', cut.id);
}

/** Each thread reads a part, and another one when that is done. */
async function share(
  log: Log,
  threads: readonly Read[],
  tell: (progress: Progress) => void,
): Promise<Part[]> {
  const spans = spansOf(Math.ceil(log.size / WIDTH), threads.length * PARTS_EACH);
  const parts = new Array<Part>(spans.length);
  const done: Done[] = [];
  const left = spans.entries();
  const progress = (index: number, news: Done): void => {
    done[index] = { ...news };
    let [leaves, bytes] = [0, 0];
    done.forEach((part) => {
      leaves += part.leaves;
      bytes += part.bytes;
    });
    tell({ leaves, bytes, of: log.size });
  };
  await Promise.all(
    threads.map(async (read) => {
      for (const [index, span] of left) {
        parts[index] = await read(log, span, (news) => progress(index, news));
      }
    }),
  );
  return parts;
}

function spansOf(bundles: number, most: number): Span[] {
  const each = Math.ceil(bundles / most);
  const spans: Span[] = [];
  for (let from = 0; from < bundles; from += each) {
    spans.push({ from, until: Math.min(bundles, from + each) });
  }
  return spans;
}

/** What was read is the log of the cut's checkpoint: it begins with these rules, and ends in this manifest. */
async function checkLog(
  source: Source,
  manifest: Manifest,
  size: number,
  parts: readonly Part[],
): Promise<void> {
  const path = `cuts/${manifest.cut}.note`;
  const checkpoint = readCheckpoint(await source.read(path, MAX_NOTE_BYTES, true));
  const hashes = new Uint8Array(parts.reduce((sum, part) => sum + part.hashes.length, 0));
  let at = 0;
  for (const part of parts) {
    hashes.set(part.hashes, at);
    at += part.hashes.length;
  }
  if (checkpoint.size !== size || !same(rootOf(size, hashes), checkpoint.root))
    throw new Refusal('altered', 'tile/entries');
  const rules = decodeLeaf(textOf(parts[0]!.ends[0]) ?? '');
  if (rules?.leaf !== 'rules' || rules.rules_sha256 !== manifest.description.sha256)
    throw new Refusal('rules-differ', '0');
  const own = await readManifest(source, manifest);
  if (!same(cutLeaf(manifest, own), parts.at(-1)!.ends[1]))
    throw new Refusal('cut-not-in-log', String(manifest.leaf));
  const cuts = parts.flatMap((part) => part.cuts);
  if (cuts.some((number, index) => number !== index) || cuts.at(-1) !== manifest.cut)
    throw new Refusal('structure', 'cuts');
}

async function readManifest(source: Source, manifest: Manifest) {
  const data = await source.read(`cuts/${manifest.cut}.json`, MAX_MANIFEST_BYTES, true);
  return { sha256: await sha256Hex(data), size: data.length };
}

/** The versions that stand, by the order of the log. */
class Standing {
  /** Of each acta the part that has its standing version and where there, or nothing. */
  readonly #part: Int16Array;
  readonly #row: Int32Array;
  readonly #outside = new Set<number>();

  /** Throws a `Refusal` where a leaf does not follow those before it. */
  constructor(
    private readonly contest: Contest,
    private readonly expected: ExpectedColumns,
    private readonly parts: readonly Pick<Part, 'rows'>[],
  ) {
    const actas = expected.ids.length;
    this.#part = new Int16Array(actas).fill(-1);
    this.#row = new Int32Array(actas);
    const versions = new Int32Array(actas);
    const width = VOTES + contest.columns.length;
    parts.forEach(({ rows: { data, count } }, part) => {
      for (let row = 0; row < count * width; row += width) {
        const [acta, version] = [data[row + ACTA]!, data[row + VERSION]!];
        const before = acta === OUTSIDE ? 0 : versions[acta]!;
        if (version !== before + 1) throw new Refusal('other-entry', String(data[row + LEAF]));
        this.#identify(data[row + LEAF]!, acta, data[row + IDENTIFIES]!);
        if (acta === OUTSIDE) continue;
        versions[acta] = version;
        this.#part[acta] = part;
        this.#row[acta] = row;
      }
    });
  }

  /** An acta out of catalogue stands outside until a leaf says what it is. */
  #identify(leaf: number, acta: number, identifies: number): void {
    const isOutside = acta === OUTSIDE;
    const fits = identifies < 0 || (!isOutside && this.#outside.delete(identifies));
    if (!fits) throw new Refusal('other-entry', String(leaf));
    if (isOutside) this.#outside.add(leaf);
  }

  get outside(): number {
    return this.#outside.size;
  }

  /** Every acta that is expected, with what its standing version says. */
  each(take: (unit: string, expected: Declared, sheet: Sheet | null) => void): void {
    const { columns } = this.contest;
    const { areas, kinds, locations, tipos, lista_nominal: lists, representatives } = this.expected;
    for (let acta = 0; acta < this.#part.length; acta += 1) {
      const part = this.#part[acta]!;
      const data = part < 0 ? null : this.parts[part]!.rows.data;
      const row = this.#row[acta]!;
      const flags = data?.[row + FLAGS] ?? 0;
      const sheet = data && {
        votes: data.subarray(row + VOTES, row + VOTES + columns.length),
        hasCount: (flags & HAS_COUNT) !== 0,
        isWithout: (flags & IS_WITHOUT) !== 0,
        isInconsistent: (flags & IS_INCONSISTENT) !== 0,
      };
      const expected = {
        kind: kinds[acta]!,
        location: locations[acta]!,
        tipo_acta: tipos[acta]!,
        lista_nominal: lists[acta]!,
        representatives: representatives[acta]!,
      };
      take(areas[acta]!, expected, sheet);
    }
  }
}

function placeOf(tally: ContestTally): PlaceCounted {
  const { summary, total, candidacies } = tally.result();
  return {
    captured: summary.captured,
    counted: summary.counted,
    total,
    leader_votes: candidacies.reduce((most, { votes }) => Math.max(most, votes), 0),
  };
}
