/** Finding an acta of the catalogue by the bytes of its id, without making a string of them. */

import { utf8 } from '../log/bytes';

/** Ids as they stand between quotation marks in a leaf; whole in itself, so that it can go to another thread. */
export interface Ids {
  bytes: Uint8Array<ArrayBuffer>;
  /** Where each id begins, and where the last ends. */
  starts: Uint32Array<ArrayBuffer>;
  /** An open table by hash: 0 where there is none, else the id's position and 1. */
  table: Int32Array<ArrayBuffer>;
}

const NONE = -1;

/** The ids of a catalogue; which of them comes twice is told by `twice`. */
export function idsOf(names: readonly string[], twice: (name: string) => never): Ids {
  const bytes = utf8(names.map((name) => JSON.stringify(name).slice(1, -1)).join(''));
  const starts = new Uint32Array(names.length + 1);
  const plain = bytes.length === names.reduce((sum, name) => sum + name.length, 0);
  for (const [index, name] of names.entries()) {
    const size = plain ? name.length : utf8(JSON.stringify(name).slice(1, -1)).length;
    starts[index + 1] = starts[index]! + size;
  }
  let size = 16;
  while (size < 2 * names.length) size *= 2;
  const ids = { bytes, starts, table: new Int32Array(size) };
  for (const [index, name] of names.entries()) {
    const [start, end] = [starts[index]!, starts[index + 1]!];
    const slot = slotOf(ids, bytes, start, end);
    if (ids.table[slot] !== 0) twice(name);
    ids.table[slot] = index + 1;
  }
  return ids;
}

/** The position of the id that stands in `data` from `start` to `end`; -1 where there is no such id. */
export function positionIn(ids: Ids, data: Uint8Array, start: number, end: number): number {
  const found = ids.table[slotOf(ids, data, start, end)]!;
  return found === 0 ? NONE : found - 1;
}

/** Where the id is in the table, or would be. */
function slotOf({ bytes, starts, table }: Ids, data: Uint8Array, start: number, end: number) {
  const mask = table.length - 1;
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ data[at]!, 0x01000193);
  // Ids differ in their last letters, which a multiplication alone carries into the high bits only.
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  let slot = (hash ^ (hash >>> 13)) & mask;
  for (;;) {
    const own = table[slot]! - 1;
    if (own < 0) return slot;
    let [at, mine] = [start, starts[own]!];
    if (starts[own + 1]! - mine === end - start) {
      while (at < end && data[at] === bytes[mine]) [at, mine] = [at + 1, mine + 1];
      if (at === end) return slot;
    }
    slot = (slot + 1) & mask;
  }
}
