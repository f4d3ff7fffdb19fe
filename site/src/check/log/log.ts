/** Proofs out of the log's tiles: made here, from hashes that nobody has to be believed for. */

import type { Bytes } from './bytes';
import type { Checkpoint } from './checkpoint';
import {
  consistencyNodes,
  inclusionNodes,
  leafHash,
  proofOf,
  verifyConsistency,
  verifyInclusion,
  type Node,
} from './merkle';
import { Refusal } from '../refusal';
import type { Source } from '../source';
import {
  HASH_BYTES,
  MAX_BUNDLE_BYTES,
  MAX_TILE_BYTES,
  bundleOf,
  decodeBundle,
  fullTile,
  nodeInTile,
  tileOfNode,
  tilePath,
  type Tile,
} from './tiles';

/** A proof of inclusion that was verified, and what it took. */
export interface Inclusion {
  index: number;
  hashes: Bytes[];
  leaf: Bytes;
}

/** The log under one checkpoint, which the caller has verified. */
export class LogReader {
  readonly #tiles = new Map<string, Promise<Bytes>>();

  constructor(
    private readonly source: Source,
    private readonly checkpoint: Checkpoint,
  ) {}

  /** Proves that `entry` is leaf `index`; throws `entry-not-in-log` where it is not. */
  async include(entry: Uint8Array, index: number): Promise<Inclusion> {
    const { size, root } = this.checkpoint;
    if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
      throw new Refusal('entry-not-in-log', String(index));
    }
    const leaf = await leafHash(entry);
    const hashes = await proofOf(inclusionNodes(index, size), this.#node);
    if (!(await verifyInclusion(leaf, index, size, hashes, root))) {
      throw new Refusal('entry-not-in-log', String(index));
    }
    return { index, hashes, leaf };
  }

  /** Proves that the log continues `old`, a smaller checkpoint of it; throws `fork` where it does not. */
  async continues(old: Checkpoint): Promise<void> {
    const { size, root } = this.checkpoint;
    const proof = await proofOf(consistencyNodes(old.size, size), this.#node);
    if (!(await verifyConsistency(old.size, size, old.root, root, proof))) {
      throw new Refusal('fork', `${old.size}–${size}`);
    }
  }

  /** The entry of a leaf as the log holds it, not verified. */
  async entry(index: number): Promise<Bytes> {
    const bundle = bundleOf(index, this.checkpoint.size);
    const [data, width] = await this.#read(bundle, MAX_BUNDLE_BYTES);
    return decodeBundle(data, width)[index % 256]!;
  }

  readonly #node = async (node: Node): Promise<Bytes> => {
    const tile = tileOfNode(node, this.checkpoint.size);
    const path = tilePath(tile);
    let data = this.#tiles.get(path);
    if (!data) {
      data = this.#tile(tile);
      this.#tiles.set(path, data);
    }
    return nodeInTile(node, await data);
  };

  async #tile(tile: Tile): Promise<Bytes> {
    const [data, width] = await this.#read(tile, MAX_TILE_BYTES);
    if (data.length !== width * HASH_BYTES) throw new Refusal('format', tilePath(tile));
    return data;
  }

  /** A tile and its width; a partial one that is gone is the beginning of the full one. */
  async #read(tile: Tile, limit: number): Promise<[Bytes, number]> {
    const found = await this.source.find(tilePath(tile), limit);
    if (found) return [found, tile.width];
    const full = fullTile(tile);
    return [await this.source.read(tilePath(full), limit), full.width];
  }
}
