/** Merkle trees of RFC 6962 (RFC 9162, section 2.1, with SHA-256): proofs, and what they are of. */

import { joined, same, type Bytes } from './bytes';
import { sha256 } from './hashing';

/** A full subtree over the `2 ** level` leaves from `index * 2 ** level` on. */
export interface Node {
  level: number;
  index: number;
}

/** Gives the hash of a node. */
export type ReadNode = (node: Node) => Promise<Bytes>;

const MOST_HASHES = 63;
const LEAF = Uint8Array.of(0);
const INNER = Uint8Array.of(1);

export function leafHash(entry: Uint8Array): Promise<Bytes> {
  return sha256(joined(LEAF, entry));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return sha256(joined(INNER, left, right));
}

/** The largest power of two below `size`, at least 2. */
function leftHalf(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

/** Full subtrees that cover the leaves from `low` to `high`, largest first. */
function nodesBetween(low: number, high: number): Node[] {
  const nodes: Node[] = [];
  for (let start = low; start < high;) {
    let [level, width] = [0, 1];
    while (width * 2 <= high - start) [level, width] = [level + 1, width * 2];
    nodes.push({ level, index: start / width });
    start += width;
  }
  return nodes;
}

/** The full subtrees that make the root of a tree of `size` leaves. */
export function rootNodes(size: number): Node[] {
  return nodesBetween(0, size);
}

/** What each hash of an inclusion proof is made of, from the leaf's sibling upwards. */
export function inclusionNodes(index: number, size: number): Node[][] {
  const path: Node[][] = [];
  for (let [low, high] = [0, size]; high - low > 1;) {
    const middle = low + leftHalf(high - low);
    if (index < middle) {
      path.push(nodesBetween(middle, high));
      high = middle;
    } else {
      path.push(nodesBetween(low, middle));
      low = middle;
    }
  }
  return path.reverse();
}

/** What each hash of a consistency proof is made of (RFC 9162, 2.1.4.1). */
export function consistencyNodes(old: number, size: number): Node[][] {
  if (old === 0 || old === size) return [];
  const path: Node[][] = [];
  let [low, high] = [0, size];
  while (old !== high) {
    const middle = low + leftHalf(high - low);
    if (old <= middle) {
      path.push(nodesBetween(middle, high));
      high = middle;
    } else {
      path.push(nodesBetween(low, middle));
      low = middle;
    }
  }
  // The old tree itself is known to the one who asks; a subtree of it is not.
  return [...(low > 0 ? [nodesBetween(low, high)] : []), ...path.reverse()];
}

/** The one hash over neighbouring nodes, at least one. */
export async function fold(nodes: readonly Node[], read: ReadNode): Promise<Bytes> {
  let folded: Bytes | null = null;
  for (const node of nodes.toReversed()) {
    const hash: Bytes = await read(node);
    folded = folded ? await nodeHash(hash, folded) : hash;
  }
  return folded!;
}

export function proofOf(path: readonly Node[][], read: ReadNode): Promise<Bytes[]> {
  return Promise.all(path.map((nodes) => fold(nodes, read)));
}

/** A position and the last one, a level up; a last subtree without a sibling passes unchanged. */
function up(position: number, last: number): [number, number] {
  return [Math.floor(position / 2), Math.floor(last / 2)];
}

function pastLoneNodes(position: number, last: number): [number, number] {
  while (position > 0 && position % 2 === 0) [position, last] = up(position, last);
  return [position, last];
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.length <= MOST_HASHES + 2 && hashes.every(({ length }) => length === 32);
}

/** Whether `proof` shows the leaf with hash `leaf` at `index` under `root`. */
export async function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): Promise<boolean> {
  const known = Number.isSafeInteger(size) && Number.isSafeInteger(index);
  if (!known || index < 0 || index >= size || !areHashes([leaf, root, ...proof])) return false;
  let [position, last, folded] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      folded = await nodeHash(sibling, folded);
      [position, last] = pastLoneNodes(position, last);
    } else {
      folded = await nodeHash(folded, sibling);
    }
    [position, last] = up(position, last);
  }
  return last === 0 && same(folded, root);
}

/** Whether `proof` shows that the tree under `newRoot` begins with the one under `oldRoot`. */
export async function verifyConsistency(
  oldSize: number,
  newSize: number,
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
  proof: readonly Uint8Array[],
): Promise<boolean> {
  const known = Number.isSafeInteger(oldSize) && Number.isSafeInteger(newSize);
  if (!known || oldSize < 0 || oldSize > newSize || !areHashes([oldRoot, newRoot, ...proof]))
    return false;
  if (oldSize === 0) return proof.length === 0 && isEmptyBeginning(oldRoot, newSize, newRoot);
  if (oldSize === newSize) return proof.length === 0 && same(oldRoot, newRoot);
  let [position, last] = [oldSize - 1, newSize - 1];
  while (position % 2 === 1) [position, last] = up(position, last);
  // An old tree that is one full subtree is the first hash itself, and is not sent.
  const [first, ...rest] = position > 0 ? proof : [oldRoot, ...proof];
  if (!first) return false;
  let [old, now] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      [old, now] = [await nodeHash(sibling, old), await nodeHash(sibling, now)];
      [position, last] = pastLoneNodes(position, last);
    } else {
      now = await nodeHash(now, sibling);
    }
    [position, last] = up(position, last);
  }
  return last === 0 && same(old, oldRoot) && same(now, newRoot);
}

/** The empty tree is the beginning of any. */
async function isEmptyBeginning(root: Uint8Array, size: number, of: Uint8Array): Promise<boolean> {
  const empty = await sha256(new Uint8Array());
  return same(root, empty) && (size > 0 || same(of, empty));
}
