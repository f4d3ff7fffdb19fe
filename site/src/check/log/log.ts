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
import type { Files } from '../source';
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

/** The log under one checkpoint. Its root may still be on its way: what is needed for a proof depends on the size. */
export class LogReader {
  readonly #tiles = new Map<string, Promise<Bytes>>();

  constructor(
    private readonly source: Files,
    private readonly checkpoint: Pick<Checkpoint, 'size'> & { root: Bytes | Promise<Bytes> },
  ) {}

  /** Proves that `entry` is leaf `index`; throws `entry-not-in-log` where it is not. */
  async include(entry: Uint8Array, index: number): Promise<Inclusion> {
    const { size } = this.checkpoint;
    const hashes = await this.hashes(index);
    const leaf = await leafHash(entry);
    if (!(await verifyInclusion(leaf, index, size, hashes, await this.checkpoint.root))) {
      throw new Refusal('entry-not-in-log', String(index));
    }
    return { index, hashes, leaf };
  }

  /** The proof that leaf `index` is in the log, whatever its entry; not verified. */
  async hashes(index: number): Promise<Bytes[]> {
    const { size } = this.checkpoint;
    if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
      throw new Refusal('entry-not-in-log', String(index));
    }
    return proofOf(inclusionNodes(index, size), this.#node);
  }

  /** Proves that the log continues `old`, a smaller checkpoint of it; throws `fork` where it does not. */
  async continues(old: Checkpoint): Promise<void> {
    const { size } = this.checkpoint;
    const root = await this.checkpoint.root;
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
      data.catch(() => this.#tiles.delete(path));
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
