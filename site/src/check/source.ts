/** Reading files of the published tree for a check: bounded in size and time, nothing believed. */

import { Asking, type Fetch } from '../tree/asking';
import { TreeFault } from '../tree/fault';
import { objectPath, twice, type Asked } from '../tree/refs';
import { SCHEMA, type DeclaredObjects, type Ref } from '../tree/wire';
import { textOf, type Bytes } from './log/bytes';
import { isDigestOf } from './log/hashing';
import { Refusal } from './refusal';

export type { Fetch } from '../tree/asking';

/** What a file is refused for when it has other bytes than were named. */
const OTHER_BYTES: ReadonlySet<string> = new Set(['altered', 'too-large']);

/** Files of a tree. */
export interface Files {
  read(path: string, limit: number): Promise<Bytes>;
  /** As {@link read}; `null` where there is no such file. */
  find(path: string, limit: number): Promise<Bytes | null>;
}

export class Source implements Files {
  readonly #asking: Asking;
  /** Bytes that came, as they were sent: compressed, where the server compresses. */
  received = 0;

  /** `base` is the tree's address, with its slash; `fetcher` may be a test's. */
  constructor(
    private readonly base: string,
    fetcher?: Fetch,
  ) {
    this.#asking = new Asking(fetcher);
  }

  /**
   * A file of at most `limit` bytes. What is kept of it is compared with the server's first: in a
   * rehearsal at this address another file had its name. `fresh` keeps nothing of it.
   */
  read(path: string, limit: number, fresh = false): Promise<Bytes> {
    return this.#take(path, { query: '', cache: cacheFor(fresh) }, limit);
  }

  async #take(path: string, { query, cache }: Asked, limit: number): Promise<Bytes> {
    try {
      const { response, bytes } = await this.#asking.inTurn(
        this.base + path + query,
        { cache },
        () => limit,
      );
      good(response, path);
      if (bytes.length > limit) throw new Refusal('too-large', path);
      this.received += sentSizeOf(response) ?? bytes.length;
      return bytes;
    } catch (error) {
      throw error instanceof TreeFault ? new Refusal('network', path) : error;
    }
  }

  /** As {@link read}; `null` where there is no such file. */
  async find(path: string, limit: number, fresh = false): Promise<Bytes | null> {
    try {
      return await this.read(path, limit, fresh);
    } catch (error) {
      if (error instanceof Refusal && error.reason === 'missing') return null;
      throw error;
    }
  }

  /** How many bytes would be sent for a file; `null` where the server does not say. */
  async weigh(path: string): Promise<number | null> {
    const init: RequestInit = { method: 'HEAD', cache: 'no-store' };
    const { response } = await this.#asking.inTurn(this.base + path, init, () => 0);
    return response.ok ? sentSizeOf(response) : null;
  }

  /** A file with the digest and size that were named, past every cache where one has others; `fresh` as in {@link read}. */
  readNamed(path: string, { sha256, size }: Ref, fresh = false): Promise<Bytes> {
    return twice(sha256, cacheFor(fresh), hasOtherBytes, async (asked) => {
      const data = await this.#take(path, asked, size);
      if (data.length !== size || !(await isDigestOf(sha256, data)))
        throw new Refusal('altered', path);
      return data;
    });
  }
}

function sentSizeOf({ headers }: Response): number | null {
  const size = headers.get('Content-Length');
  return size === null ? null : Number(size);
}

function cacheFor(fresh: boolean): RequestCache {
  return fresh ? 'no-store' : 'no-cache';
}

function hasOtherBytes(error: unknown): boolean {
  return error instanceof Refusal && OTHER_BYTES.has(error.reason);
}

function good(response: Response, path: string): Response {
  if (response.status === 404) throw new Refusal('missing', path);
  if (!response.ok) throw new Refusal('network', path);
  return response;
}

/** The JSON in `data`; a `Refusal` where it is none. */
export function parseJson(data: Uint8Array, path: string): unknown {
  const text = textOf(data);
  try {
    if (text !== null) return JSON.parse(text);
  } catch {
    // Said below.
  }
  throw new Refusal('format', path);
}

/** A published object that is a file of its own, read once: no copy of it is kept. */
export async function readObject<Kind extends keyof DeclaredObjects>(
  source: Source,
  ref: Ref,
  kind: Kind,
): Promise<DeclaredObjects[Kind]> {
  const path = objectPath(ref);
  return checkKind(parseJson(await source.readNamed(path, ref, true), path), kind, path);
}

/** `found` if it is a published object of this kind; throws a `Refusal` where it is none. */
export function checkKind<Kind extends keyof DeclaredObjects>(
  found: unknown,
  wanted: Kind,
  path: string,
): DeclaredObjects[Kind] {
  const { schema, kind } = (found ?? {}) as { schema?: number; kind?: string };
  if (schema !== SCHEMA || kind !== wanted) throw new Refusal('format', path);
  return found as DeclaredObjects[Kind];
}
