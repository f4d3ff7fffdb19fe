/**
 * Files that a reference names, and parts of files: where they are, how they are asked for, which of an answer's
 * bytes are theirs. The worker has its own (`standing/named.ts`): with the component it would share a chunk, and each is
 * one script.
 */

import type { Ref } from './wire';

export function objectPath({ sha256 }: Pick<Ref, 'sha256'>): string {
  return `objects/${sha256.slice(0, 2)}/${sha256}.json`;
}

/** Some bytes of a file. */
export interface Span {
  path: string;
  start: number;
  size: number;
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

/** How many bytes of an answer are read: none of a whole file in which the span would end after `most`. */
export function limitOf({ start, size }: Span, most: number): (response: Response) => number {
  const end = start + size;
  return ({ status }) => (status === 206 ? Math.min(size, most) : end > most ? 0 : end);
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
