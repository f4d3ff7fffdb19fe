/** Reading files of the published tree for a check: bounded in size and time, nothing believed. */

import type { PublishedObjects, Ref } from '../wire';
import { textOf, type Bytes } from './bytes';
import { isDigestOf } from './hashing';
import { Refusal } from './refusal';

const SCHEMA = 1;
const TIMEOUT = 30_000;
export const MAX_OBJECT_BYTES = 64 * 1024 * 1024;

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export class Source {
  /** `base` is the tree's address, with its slash; `fetcher` may be a test's. */
  constructor(
    private readonly base: string,
    private readonly fetcher: Fetch = (url, init) => fetch(url, init),
  ) {}

  /** The answer for a path, or for some of its bytes; 404 throws `missing`. */
  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    let response: Response;
    try {
      response = await this.fetcher(this.base + path, { signal: AbortSignal.timeout(TIMEOUT), ...init });
    } catch {
      throw new Refusal('network', path);
    }
    if (response.status === 404) throw new Refusal('missing', path);
    if (!response.ok) throw new Refusal('network', path);
    return response;
  }

  /** A file of at most `limit` bytes; `fresh` asks the server even where a copy is kept. */
  async read(path: string, limit: number, fresh = false): Promise<Bytes> {
    const response = await this.ask(path, fresh ? { cache: 'no-store' } : {});
    const whole = await bodyOf(response, path);
    if (whole.length > limit) throw new Refusal('too-large', path);
    return whole;
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

  /** A file with the digest and size that were named; `fresh` as in {@link read}. */
  async readNamed(path: string, { sha256, size }: Ref, fresh = false): Promise<Bytes> {
    const data = await this.read(path, size, fresh);
    if (data.length !== size || !(await isDigestOf(sha256, data))) throw new Refusal('altered', path);
    return data;
  }
}

async function bodyOf(response: Response, path: string): Promise<Bytes> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new Refusal('network', path);
  }
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
export async function readObject<Kind extends keyof PublishedObjects>(
  source: Source,
  ref: Ref,
  kind: Kind,
): Promise<PublishedObjects[Kind]> {
  const path = `objects/${ref.sha256.slice(0, 2)}/${ref.sha256}.json`;
  return checkKind(parseJson(await source.readNamed(path, ref, true), path), kind, path);
}

/** `found` if it is a published object of this kind; throws a `Refusal` where it is none. */
export function checkKind<Kind extends keyof PublishedObjects>(
  found: unknown,
  wanted: Kind,
  path: string,
): PublishedObjects[Kind] {
  const { schema, kind } = (found ?? {}) as { schema?: number; kind?: string };
  if (schema !== SCHEMA || kind !== wanted) throw new Refusal('format', path);
  return found as PublishedObjects[Kind];
}
