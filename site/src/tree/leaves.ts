/**
 * Actas out of the log: each read by range where its run says that it begins, and none given that is not
 * proved to stand at its leaf under the checkpoint of the cut, which ends in the manifest on screen.
 */

import { joined, textOf, type Bytes } from '../check/log/bytes';
import { readCheckpoint } from '../check/log/checkpoint';
import { cutLeaf, decodeLeaf } from '../check/log/leaf';
import { LogReader } from '../check/log/log';
import { MAX_NOTE_BYTES } from '../check/log/note';
import { bundleOf, decodeBundle, fullTile, MAX_BUNDLE_BYTES, tilePath } from '../check/log/tiles';
import { Refusal } from '../check/refusal';
import type { Files } from '../check/source';
import { TreeFault } from './fault';
import { twice, type Asked } from './refs';
import type { Tree } from './tree';
import type { ActaLeaf, Manifest } from './wire';

/** Where a leaf's entry begins in the bundle that holds it; `null` where nobody said. */
export interface Spot {
  leaf: number;
  offset: number | null;
}

/** Asked for at once: most actas have half of it. */
const AHEAD = 1024;
/** Bytes between two entries that are cheaper to fetch than to ask around. */
const GAP = 4096;
/** Actas of a log that were proved and are kept: of all contests. */
const MOST_KEPT = 2_000;

/** The log that ends in a cut, and the actas that were proved to stand in it: of no other log's are they known. */
interface CutLog {
  reader: LogReader;
  proved: Map<number, ActaLeaf>;
}

const logs = new WeakMap<Manifest, CutLog>();

/**
 * The actas at these leaves of the log, by leaf. Throws a `TreeFault` where one is not there, or not proved.
 * They are kept while this cut is shown, no more than `most` and those that were asked for last.
 */
export async function readLeaves(
  tree: Tree,
  manifest: Manifest,
  spots: readonly Spot[],
  most = MOST_KEPT,
): Promise<Map<number, ActaLeaf>> {
  if (spots.length === 0) return new Map();
  const { sha256 } = tree.refOf(manifest);
  return twice(sha256, 'default', isOther, (way) =>
    new Reading(tree, manifest, way).read(spots, most),
  );
}

class Reading {
  readonly #size: number;

  constructor(
    private readonly tree: Tree,
    private readonly manifest: Manifest,
    private readonly asked: Asked,
  ) {
    this.#size = manifest.leaf + 1;
  }

  async read(spots: readonly Spot[], most: number): Promise<Map<number, ActaLeaf>> {
    const { reader, proved } = this.#log();
    const found = new Map<number, ActaLeaf>();
    const missing: Spot[] = [];
    for (const spot of spots) {
      const known = proved.get(spot.leaf);
      if (known) found.set(spot.leaf, known);
      else missing.push(spot);
    }
    if (missing.length === 0) return found;
    const actas = await this.#prove(reader, missing);
    if (proved.size > most) proved.clear();
    for (const [leaf, acta] of actas) {
      found.set(leaf, acta);
      proved.set(leaf, acta);
    }
    return found;
  }

  async #prove(log: LogReader, spots: readonly Spot[]): Promise<[number, ActaLeaf][]> {
    try {
      // The proofs are on their way while the entries are.
      const hashes = Promise.all(spots.map(({ leaf }) => log.hashes(leaf)));
      const [entries] = await Promise.all([this.#entries(spots), hashes, this.#proveCut(log)]);
      return await Promise.all(
        spots.map(async ({ leaf }, index): Promise<[number, ActaLeaf]> => {
          await log.include(entries[index]!, leaf);
          return [leaf, actaIn(entries[index]!, leaf)];
        }),
      );
    } catch (error) {
      const fault = faultOf(error);
      if (isOther(fault)) logs.delete(this.manifest);
      throw fault;
    }
  }

  /** The cut's own log: its root is that of the note, and its last leaf is this manifest's. */
  #log(): CutLog {
    let log = logs.get(this.manifest);
    if (!log) {
      const files = this.#files();
      const root = files
        .read(`cuts/${this.manifest.cut}.note`, MAX_NOTE_BYTES)
        .then((note) => this.#rootOf(note));
      root.catch(() => logs.delete(this.manifest));
      log = { reader: new LogReader(files, { size: this.#size, root }), proved: new Map() };
      logs.set(this.manifest, log);
    }
    return log;
  }

  #rootOf(note: Bytes): Bytes {
    const { size, root } = readCheckpoint(note);
    if (size !== this.#size) throw new Refusal('altered', `cuts/${this.manifest.cut}.note`);
    return root;
  }

  async #proveCut(log: LogReader): Promise<void> {
    await log.include(cutLeaf(this.manifest, this.tree.refOf(this.manifest)), this.manifest.leaf);
  }

  #files(): Files {
    const read = async (path: string, limit: number): Promise<Bytes> =>
      (await this.tree.ask(path, this.asked, limit)).bytes;
    const find = (path: string, limit: number) => read(path, limit).catch(nullIfMissing);
    return { read, find };
  }

  /** The entries of leaves, in their order; neighbours of one bundle are asked for together. */
  async #entries(spots: readonly Spot[]): Promise<Bytes[]> {
    const found = new Map<number, Bytes>();
    await Promise.all(
      stretchesOf(spots).map(async (stretch) => {
        for (const [leaf, entry] of await this.#stretch(stretch)) found.set(leaf, entry);
      }),
    );
    return spots.map(({ leaf }) => found.get(leaf)!);
  }

  async #stretch(spots: readonly Spot[]): Promise<[number, Bytes][]> {
    const [{ leaf, offset }] = spots as [Spot];
    if (offset === null) {
      const entries = await this.#bundle(leaf);
      return spots.map((spot) => [spot.leaf, entries[spot.leaf % 256]!]);
    }
    const last = spots.at(-1)!.offset!;
    let bytes = await this.#part(leaf, offset, last + AHEAD - offset);
    const ends = spots.map((spot) => endOf(bytes, spot.offset! - offset));
    const end = Math.max(...ends);
    if (end > bytes.length) {
      const more = await this.#part(leaf, offset + bytes.length, end - bytes.length);
      bytes = joined(bytes, more);
    }
    return spots.map((spot, index) => {
      if (ends[index]! > bytes.length) throw new Refusal('altered', String(spot.leaf));
      return [spot.leaf, bytes.slice(spot.offset! - offset + 2, ends[index])];
    });
  }

  /** Some bytes of the bundle that holds a leaf; the partial one is the beginning of the full one. */
  async #part(leaf: number, start: number, size: number): Promise<Bytes> {
    const bundle = bundleOf(leaf, this.#size);
    const ask = (tile: typeof bundle) =>
      this.tree.part({ path: tilePath(tile), start, size }, this.asked, MAX_BUNDLE_BYTES);
    const full = fullTile(bundle);
    if (bundle.width === full.width) return ask(full);
    return (await ask(bundle).catch(nullIfMissing)) ?? ask(full);
  }

  async #bundle(leaf: number): Promise<Bytes[]> {
    const bundle = bundleOf(leaf, this.#size);
    const files = this.#files();
    const partial = await files.find(tilePath(bundle), MAX_BUNDLE_BYTES);
    if (partial) return decodeBundle(partial, bundle.width);
    const full = fullTile(bundle);
    return decodeBundle(await files.read(tilePath(full), MAX_BUNDLE_BYTES), full.width);
  }
}

/** Leaves that lie near each other in a bundle; all of a bundle's where one's place is not known. */
function stretchesOf(spots: readonly Spot[]): Spot[][] {
  const bundles = new Map<number, Spot[]>();
  for (const spot of spots) {
    const bundle = Math.floor(spot.leaf / 256);
    bundles.set(bundle, [...(bundles.get(bundle) ?? []), spot]);
  }
  return [...bundles.values()].flatMap((own) => {
    if (own.some(({ offset }) => offset === null)) {
      return [own.map(({ leaf }) => ({ leaf, offset: null }))];
    }
    const stretches: Spot[][] = [];
    for (const spot of own.toSorted((a, b) => a.offset! - b.offset!)) {
      if (!Number.isSafeInteger(spot.offset) || spot.offset! < 0)
        throw new Refusal('format', String(spot.leaf));
      const last = stretches.at(-1);
      if (last && spot.offset! - last.at(-1)!.offset! <= AHEAD + GAP) last.push(spot);
      else stretches.push([spot]);
    }
    return stretches;
  });
}

/** Where the entry ends whose two bytes of length stand at `start`. */
function endOf(bytes: Bytes, start: number): number {
  const [high, low] = bytes.subarray(start, start + 2);
  if (high === undefined || low === undefined) throw new Refusal('altered', 'bundle');
  return start + 2 + high * 256 + low;
}

function actaIn(entry: Bytes, leaf: number): ActaLeaf {
  const found = decodeLeaf(textOf(entry) ?? '');
  if (found?.leaf !== 'acta') throw new TreeFault('unknown-format', String(leaf));
  const { leaf: _, ...acta } = found;
  return acta;
}

function nullIfMissing(error: unknown): null {
  if (error instanceof TreeFault && error.fault === 'missing') return null;
  throw error;
}

function faultOf(error: unknown): unknown {
  return error instanceof Refusal ? new TreeFault('altered', `${error.reason} ${error.at}`) : error;
}

function isOther(error: unknown): boolean {
  return error instanceof TreeFault && error.fault === 'altered';
}
