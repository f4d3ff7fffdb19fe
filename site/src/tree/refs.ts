/**
 * Files and objects that a reference names: where they are, how they are asked for, which of an answer's bytes
 * are theirs. The worker has its own (`standing/named.ts`): with the component it would share a chunk, and each is
 * one script.
 */

import type { At, Digest, Link, Ref, ResultObjects } from './wire';

export function objectPath({ sha256 }: Pick<Ref, 'sha256'>): string {
  return `objects/${sha256.slice(0, 2)}/${sha256}.json`;
}

/** Some bytes of a file. */
export interface Span {
  path: string;
  start: number;
  size: number;
}

/** Where an object stands with its line, as its tree says; `null` where it says no such thing. */
export function spanOf([pack, start, size]: At): Span | null {
  const sound = [pack, start, size].every((part) => Number.isSafeInteger(part) && part >= 0);
  return sound ? { path: `packs/${pack}.pack`, start, size } : null;
}

export function rangeOf({ start, size }: Span): RequestInit {
  return { headers: { Range: `bytes=${start}-${start + size - 1}` } };
}

/** The span's bytes: a server that knows no ranges answers with the whole file. */
export function ownBytes(
  bytes: Uint8Array<ArrayBuffer>,
  { status }: Response,
  { start, size }: Span,
): Uint8Array<ArrayBuffer> {
  return status === 206 ? bytes.subarray(0, size) : bytes.subarray(start, start + size);
}

/** How many bytes of an answer are read. */
export function limitOf({ start, size }: Span): (response: Response) => number {
  return ({ status }) => (status === 206 ? size : start + size);
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

/** How a file is asked for: as it may be at hand, or past whatever keeps copies. */
export interface Asked {
  query: string;
  cache: RequestCache;
}

/**
 * Reads what has this digest, in whatever writing. An error of which `isOther` holds may come of what some cache
 * on the way kept of a bad moment, or of a rehearsal at this address, so it is asked for once more, past every one.
 */
export async function twice<Found>(
  digest: string,
  cache: RequestCache,
  isOther: (error: unknown) => boolean,
  read: (asked: Asked) => Promise<Found>,
): Promise<Found> {
  try {
    return await read({ query: '', cache });
  } catch (error) {
    if (!isOther(error)) throw error;
  }
  return read({ query: `?${digest.slice(0, 16)}`, cache: cache === 'no-store' ? cache : 'reload' });
}
