/** Reading a part of the log: some bundles, each leaf hashed for the tree and taken apart into columns. */

import { sha256 } from '@noble/hashes/sha2.js';
import type { Bytes } from '../log/bytes';
import { bundleOf, fullTile, MAX_BUNDLE_BYTES, tilePath } from '../log/tiles';
import { Refusal } from '../refusal';
import type { Source } from '../source';
import type { Ids } from './ids';
import { inParallel } from './parallel';
import { RowWriter, type Rows } from './rows';

export const WIDTH = 256;
export const HASH = 32;

/** What is the same for every part. */
export interface Log {
  contest: string;
  columns: number;
  ids: Ids;
  /** Leaves of the whole log. */
  size: number;
}

/** Neighbouring bundles, by number: from the first up to, and without, the last. */
export interface Span {
  from: number;
  until: number;
}

export interface Part {
  rows: Rows;
  cuts: number[];
  /** Of each full bundle the hash of the tree over it, one after the other; then of each leaf of a partial one. */
  hashes: Uint8Array<ArrayBuffer>;
  /** The first and the last entry. */
  ends: [Bytes, Bytes];
  bytes: number;
}

/** Leaves and bytes so far. */
export interface Done {
  leaves: number;
  bytes: number;
}

/** Bundles that are on their way while one is read. */
const AHEAD = 4;

/** Reads the bundles of `span`. Throws a `Refusal`. */
export async function readPart(
  source: Source,
  log: Log,
  span: Span,
  tell: (done: Done) => void,
): Promise<Part> {
  const bundles = span.until - span.from;
  const writer = new RowWriter(log.contest, log.columns, log.ids, (bundles * WIDTH) >> 1);
  const tail = span.until * WIDTH > log.size ? log.size % WIDTH : 0;
  const hashes = new Uint8Array((bundles + (tail ? tail - 1 : 0)) * HASH);
  const ends: Bytes[] = [];
  const done = { leaves: 0, bytes: 0 };
  const before = source.received;
  const numbers = Array.from({ length: bundles }, (_, index) => span.from + index);
  await inParallel(
    numbers,
    AHEAD,
    (number) => readBundle(source, log, number),
    (number, data) => {
      const width = Math.min(WIDTH, log.size - number * WIDTH);
      const leaves = cut(data, width, (start, end, index) => {
        const leaf = number * WIDTH + index;
        const isFirst = leaf === span.from * WIDTH;
        if (isFirst || leaf === Math.min(log.size, span.until * WIDTH) - 1)
          ends.push(data.slice(start, end));
        if (leaf > 0) writer.take(leaf, data, start, end);
      });
      const at = (number - span.from) * HASH;
      if (width === WIDTH) treeOver(leaves, hashes.subarray(at, at + HASH));
      else hashes.set(leaves, at);
      done.leaves += width;
      done.bytes = source.received - before;
      tell(done);
    },
  );
  const [first, last = first] = ends as [Bytes, Bytes?];
  return { rows: writer.rows, cuts: writer.cuts, hashes, ends: [first, last], bytes: done.bytes };
}

async function readBundle(source: Source, { size }: Log, number: number): Promise<Bytes> {
  const bundle = bundleOf(number * WIDTH, size);
  const full = fullTile(bundle);
  const partial =
    bundle.width < full.width && (await source.find(tilePath(bundle), MAX_BUNDLE_BYTES, true));
  return partial || source.read(tilePath(full), MAX_BUNDLE_BYTES, true);
}

/** The leaf hashes of a bundle's first `width` entries, each of which `take` is given. */
function cut(
  data: Bytes,
  width: number,
  take: (start: number, end: number, index: number) => void,
): Uint8Array<ArrayBuffer> {
  const hashes = new Uint8Array(width * HASH);
  let start = 2;
  for (let index = 0; index < width; index += 1) {
    const end = start + data[start - 2]! * 256 + data[start - 1]!;
    if (!(end <= data.length)) throw new Refusal('altered', 'tile/entries');
    take(start, end, index);
    // A leaf is hashed behind a zero: here that stands in place of its length, which was read.
    data[start - 1] = 0;
    hashInto(data.subarray(start - 1, end), hashes.subarray(index * HASH, (index + 1) * HASH));
    start = end + 2;
  }
  return hashes;
}

const fresh = sha256.create();
const hasher = sha256.create();

/** Half a million leaves are hashed: one hasher for all of them leaves nothing to be collected. */
function hashInto(data: Uint8Array, into: Uint8Array): void {
  fresh._cloneInto(hasher).update(data).digestInto(into);
}

const pair = new Uint8Array(1 + 2 * HASH);
pair[0] = 1;

/** Writes the hash of the tree over so many leaves as are a power of two; their hashes are lost. */
function treeOver(hashes: Uint8Array, into: Uint8Array): void {
  for (let count = hashes.length / HASH; count > 1; count /= 2) {
    for (let index = 0; index < count; index += 2) {
      pair.set(hashes.subarray(index * HASH, (index + 2) * HASH), 1);
      hashInto(pair, hashes.subarray((index / 2) * HASH, (index / 2 + 1) * HASH));
    }
  }
  into.set(hashes.subarray(0, HASH));
}

/** The root of the log, of what its parts found. */
export function rootOf(size: number, hashes: Uint8Array): Uint8Array {
  const full = Math.floor(size / WIDTH);
  /** The tree over leaves from `low` to `high`; nothing is below a full bundle. */
  function tree(low: number, high: number): Uint8Array {
    const isFull = high - low === WIDTH && low % WIDTH === 0;
    if (isFull || high - low === 1) {
      const at = isFull ? low / WIDTH : full + low - full * WIDTH;
      return hashes.subarray(at * HASH, (at + 1) * HASH);
    }
    let half = 1;
    while (half * 2 < high - low) half *= 2;
    const both = new Uint8Array(1 + 2 * HASH);
    both[0] = 1;
    both.set(tree(low, low + half), 1);
    both.set(tree(low + half, high), 1 + HASH);
    return sha256(both);
  }
  return tree(0, size);
}
