/** The log as static files (https://c2sp.org/tlog-tiles): which file holds what, and reading it. */

import type { Bytes } from './bytes';
import { nodeHash, type Node } from './merkle';
import { Refusal } from '../refusal';

const HEIGHT = 8;
const WIDTH = 256;
export const HASH_BYTES = 32;
export const MAX_TILE_BYTES = WIDTH * HASH_BYTES;
export const MAX_BUNDLE_BYTES = WIDTH * (2 + 0xffff);

export interface Tile {
  level: number | 'entries';
  index: number;
  /** Hashes or entries in it: 256, or fewer at the log's right edge. */
  width: number;
}

/** `tile/<level>/<index>[.p/<width>]`, the index in groups of three digits. */
export function tilePath({ level, index, width }: Tile): string {
  const groups = [String(index % 1000).padStart(3, '0')];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  }
  return `tile/${level}/${groups.join('/')}${width === WIDTH ? '' : `.p/${width}`}`;
}

/** The full version of a partial tile. */
export function fullTile(tile: Tile): Tile {
  return { ...tile, width: WIDTH };
}

/** The tile from which a node is read, as it stands in a tree of `size` leaves. */
export function tileOfNode({ level, index }: Node, size: number): Tile {
  const tileLevel = Math.floor(level / HEIGHT);
  const number = Math.floor((index * 2 ** (level % HEIGHT)) / WIDTH);
  const count = Math.floor(size / 2 ** (HEIGHT * tileLevel));
  return { level: tileLevel, index: number, width: Math.min(WIDTH, count - number * WIDTH) };
}

/** The bundle that holds the entry of a leaf, as it stands in a tree of `size` leaves. */
export function bundleOf(leaf: number, size: number): Tile {
  const index = Math.floor(leaf / WIDTH);
  return { level: 'entries', index, width: Math.min(WIDTH, size - index * WIDTH) };
}

/** The hash of a node out of the tile that {@link tileOfNode} names. */
export async function nodeInTile({ level, index }: Node, data: Bytes): Promise<Bytes> {
  const within = 2 ** (level % HEIGHT);
  const first = (index * within) % WIDTH;
  let hashes = Array.from({ length: within }, (_, position) =>
    data.slice((first + position) * HASH_BYTES, (first + position + 1) * HASH_BYTES),
  );
  if (hashes.at(-1)!.length !== HASH_BYTES) throw new Refusal('format', 'tile');
  while (hashes.length > 1) {
    const pairs = hashes.filter((_, position) => position % 2 === 0);
    hashes = await Promise.all(pairs.map((left, pair) => nodeHash(left, hashes[2 * pair + 1]!)));
  }
  return hashes[0]!;
}

/** The `width` entries of a bundle; each stands after its length in two bytes. */
export function decodeBundle(data: Bytes, width: number): Bytes[] {
  const entries: Bytes[] = [];
  let start = 0;
  while (start < data.length && entries.length < width) {
    const end = start + 2 + data[start]! * 256 + (data[start + 1] ?? NaN);
    if (!(end <= data.length)) break;
    entries.push(data.slice(start + 2, end));
    start = end;
  }
  if (entries.length !== width || start !== data.length) throw new Refusal('format', 'bundle');
  return entries;
}
