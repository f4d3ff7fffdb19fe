/**
 * Files that a reference names: where they are, how they are asked for, which of an answer's bytes are theirs.
 * The worker has its own (`standing/named.ts`): with the component it would share a chunk, and each is one script.
 */

import type { Ref } from './wire';

export function objectPath({ sha256 }: Pick<Ref, 'sha256'>): string {
  return `objects/${sha256.slice(0, 2)}/${sha256}.json`;
}

/** Where an object is: in a file of its own, or inside a pack. */
export function pathOf(ref: Ref): string {
  return ref.pack === undefined ? objectPath(ref) : `cuts/${ref.pack}.pack`;
}

/** Asks for an object's own bytes where it is kept inside a pack. */
export function rangeOf({ pack, offset, size }: Ref): RequestInit {
  if (pack === undefined || offset === undefined) return {};
  return { headers: { Range: `bytes=${offset}-${offset + size - 1}` } };
}

/** An object's own bytes: a server that knows no ranges answers with the whole pack. */
export function ownBytes(
  bytes: Uint8Array<ArrayBuffer>,
  { status }: Response,
  { pack, offset = 0, size }: Ref,
): Uint8Array<ArrayBuffer> {
  return pack === undefined || status === 206 ? bytes : bytes.slice(offset, offset + size);
}

/** How a file is asked for: as it may be at hand, or past whatever keeps copies. */
export interface Asked {
  query: string;
  cache: RequestCache;
}

/**
 * Reads what has this digest. An error of which `isOther` holds may come of what some cache on the way kept
 * of a bad moment, or of a rehearsal at this address, so it is asked for once more, past every one.
 */
export async function twice<Found>(
  sha256: string,
  cache: RequestCache,
  isOther: (error: unknown) => boolean,
  read: (asked: Asked) => Promise<Found>,
): Promise<Found> {
  try {
    return await read({ query: '', cache });
  } catch (error) {
    if (!isOther(error)) throw error;
  }
  return read({ query: `?${sha256.slice(0, 16)}`, cache: cache === 'no-store' ? cache : 'reload' });
}
