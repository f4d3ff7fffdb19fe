/** Objects in packs: where one stands, what its entry is, how objects name each other. */

import type { Span } from './refs';
import type { At, Digest, Link, ResultObjects } from './wire';

/** Where an object stands with its line, as its tree says; `null` where it says no such thing. */
export function spanOf([pack, start, size]: At): Span | null {
  const sound = [pack, start, size].every((part) => Number.isSafeInteger(part) && part >= 0);
  return sound ? { path: `packs/${pack}.pack`, start, size } : null;
}

/** An entry of a pack: a line that says where the object's parts are, and the object. */
export function cutEntry(entry: Uint8Array<ArrayBuffer>): {
  line: Uint8Array<ArrayBuffer>;
  object: Uint8Array<ArrayBuffer>;
} {
  const end = entry.indexOf(0x0a);
  return { line: entry.subarray(0, Math.max(0, end)), object: entry.subarray(end + 1) };
}

/** The parts of an object and where they are. Throws where there are not as many places as parts. */
export function partsOf(found: ResultObjects[keyof ResultObjects], at: readonly At[]): Link[] {
  const digests = namedBy(found);
  if (digests.length !== at.length) throw new TypeError('parts');
  return digests.map((digest, index) => ({ digest, at: at[index]! }));
}

/** In the order in which a pack says where they are. */
function namedBy(found: ResultObjects[keyof ResultObjects]): Digest[] {
  switch (found.kind) {
    case 'area':
      return [found.catalogue, ...found.children, ...(found.outside ? [found.outside] : [])];
    case 'run':
      return [found.catalogue];
    default:
      return [];
  }
}

/** A SHA-256 as objects name each other. */
export function digestText(sha256: Uint8Array): Digest {
  return btoa(String.fromCharCode(...sha256))
    .replace(/=+$/, '')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}
