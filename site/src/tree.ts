/** Reading the published tree: relative addresses, nothing believed before its digest is checked. */

import { SCHEMA, type Manifest, type Pointer, type PublishedObjects, type Ref } from './wire';

export type Fault =
  /** No answer, or an answer that says the server cannot. */
  | 'network'
  /** What a verified file names is not there. */
  | 'missing'
  /** The bytes are not those that were named. */
  | 'altered'
  /** Not the format that is documented, or of a version that this page does not know. */
  | 'unknown-format'
  /** The pointer has gone back to a cut before the one shown. */
  | 'older';

export class TreeFault extends Error {
  constructor(
    readonly fault: Fault,
    readonly path: string,
  ) {
    super(`${fault}: ${path}`);
  }
}

/** What the server said of the pointer when asked only for news. */
export type PointerAnswer =
  | { kind: 'news'; pointer: Pointer; tag: Tag }
  /** Without a server: the pointer that this device saw last. It is not fresh. */
  | { kind: 'kept'; pointer: Pointer }
  | { kind: 'same' }
  | { kind: 'absent' };

/** What to send so that the server may answer "not modified". */
export interface Tag {
  etag: string | null;
  modified: string | null;
}

type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

const POINTER = 'current.json';
/** Put by the service worker on a pointer that it kept (`standing/sw.ts`). */
const STALE = 'X-OpenPREP-Stale';
const TIMEOUT = 20_000;
/** An image may have 8 MiB, and a phone a poor line. */
const IMAGE_TIMEOUT = 120_000;
/** A section is about 10 kB and an area under 100 kB, so this many stay within a phone's means. */
const KEPT_OBJECTS = 120;

export class Tree {
  readonly #fetch: Fetch;
  readonly #objects = new Map<string, Promise<unknown>>();

  constructor(fetcher: Fetch = (url, init) => fetch(url, init)) {
    this.#fetch = fetcher;
  }

  /** Asks for the pointer; `known` is the tag of the one at hand. */
  async pointer(known: Tag | null): Promise<PointerAnswer> {
    const headers: Record<string, string> = {};
    if (known?.etag) headers['If-None-Match'] = known.etag;
    else if (known?.modified) headers['If-Modified-Since'] = known.modified;
    const response = await this.#get(POINTER, { headers, cache: 'no-store' });
    if (response.status === 304) return { kind: 'same' };
    if (response.status === 404) return { kind: 'absent' };
    const pointer = parse<Pointer>(await bytesOf(response, POINTER), POINTER);
    if (response.headers.has(STALE)) return { kind: 'kept', pointer };
    const tag = {
      etag: response.headers.get('ETag'),
      modified: response.headers.get('Last-Modified'),
    };
    return { kind: 'news', pointer, tag };
  }

  /** The manifest that the pointer names. */
  async manifest(pointer: Pointer): Promise<Manifest> {
    const path = `cuts/${pointer.cut}.json`;
    const manifest = parse<Manifest>(await this.#checked(path, pointer.manifest), path);
    if (manifest.cut !== pointer.cut) throw new TreeFault('altered', path);
    return manifest;
  }

  /**
   * The manifest of an earlier cut of the same election. Only its own digests and its number are
   * held: whether it is the one that was signed then, the log tells, not this.
   */
  async earlier(cut: number, than: Manifest): Promise<Manifest> {
    const path = `cuts/${cut}.json`;
    const response = await this.#get(path);
    if (response.status === 404) throw new TreeFault('missing', path);
    const manifest = parse<Manifest>(await bytesOf(response, path), path);
    const same = manifest.cut === cut && cut <= than.cut && manifest.election === than.election;
    if (!same || manifest.drill !== than.drill) throw new TreeFault('altered', path);
    return manifest;
  }

  /** The object that `ref` names, of the kind that stands there; kept, since it cannot change. */
  object<Kind extends keyof PublishedObjects>(
    ref: Ref,
    kinds: readonly Kind[],
  ): Promise<PublishedObjects[Kind]> {
    let found = this.#objects.get(ref.sha256);
    if (!found) {
      found = this.#load(ref, kinds);
      found.catch(() => this.#objects.delete(ref.sha256));
      this.#forgetOldest();
    } else {
      this.#objects.delete(ref.sha256);
    }
    this.#objects.set(ref.sha256, found);
    return found as Promise<PublishedObjects[Kind]>;
  }

  /** A file of JSON that no digest of ours names. */
  async json<Found>(path: string): Promise<Found> {
    const response = await this.#get(path, { cache: 'no-cache' });
    if (response.status === 404) throw new TreeFault('missing', path);
    try {
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await bytesOf(response, path))) as Found;
    } catch {
      throw new TreeFault('unknown-format', path);
    }
  }

  /** The image of an acta, held against the digest that its station signed: no other is returned. */
  async image(sha256: string, size: number): Promise<Blob> {
    const path = `actas/${sha256}.jpg`;
    const response = await this.#get(path, { signal: AbortSignal.timeout(IMAGE_TIMEOUT) });
    if (response.status === 404) throw new TreeFault('missing', path);
    const bytes = await exactly(response, size, path);
    if (!(await digestMatches(bytes, sha256))) throw new TreeFault('altered', path);
    return new Blob([bytes], { type: 'image/jpeg' });
  }

  async #load(ref: Ref, kinds: readonly string[]): Promise<unknown> {
    const path =
      ref.pack === undefined
        ? `objects/${ref.sha256.slice(0, 2)}/${ref.sha256}.json`
        : `cuts/${ref.pack}.pack`;
    const found = parse<{ schema: number; kind: string }>(await this.#checked(path, ref), path);
    if (!kinds.includes(found.kind)) throw new TreeFault('unknown-format', path);
    return found;
  }

  #forgetOldest(): void {
    const [oldest] = this.#objects.keys();
    if (oldest !== undefined && this.#objects.size >= KEPT_OBJECTS) this.#objects.delete(oldest);
  }

  async #checked(path: string, ref: Ref): Promise<ArrayBuffer> {
    const response = await this.#get(path, rangeOf(ref));
    if (response.status === 404) throw new TreeFault('missing', path);
    const whole = await bytesOf(response, path);
    // A server that knows no ranges answers with the whole pack.
    const start = response.status === 206 ? 0 : (ref.offset ?? 0);
    const bytes = ref.pack === undefined ? whole : whole.slice(start, start + ref.size);
    const matches = bytes.byteLength === ref.size && (await digestMatches(bytes, ref.sha256));
    if (!matches) throw new TreeFault('altered', path);
    return bytes;
  }

  async #get(path: string, init: RequestInit = {}): Promise<Response> {
    try {
      return await this.#fetch(path, { signal: AbortSignal.timeout(TIMEOUT), ...init });
    } catch {
      throw new TreeFault('network', path);
    }
  }
}

/** Asks for an object's own bytes where it is kept inside a pack. */
function rangeOf(ref: Ref): RequestInit {
  if (ref.pack === undefined || ref.offset === undefined) return {};
  return { headers: { Range: `bytes=${ref.offset}-${ref.offset + ref.size - 1}` } };
}

async function bytesOf(response: Response, path: string): Promise<ArrayBuffer> {
  if (!response.ok) throw new TreeFault('network', path);
  try {
    return await response.arrayBuffer();
  } catch {
    throw new TreeFault('network', path);
  }
}

/** A body of `size` bytes; it is let go as soon as it has more. */
async function exactly(response: Response, size: number, path: string): Promise<ArrayBuffer> {
  if (!response.ok || !response.body) throw new TreeFault('network', path);
  const whole = new Uint8Array(size);
  const reader = response.body.getReader();
  let have = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (have + part.value.length > size) break;
      whole.set(part.value, have);
      have += part.value.length;
      if (have < size) continue;
      if ((await reader.read()).done) return whole.buffer;
      break;
    }
  } catch {
    throw new TreeFault('network', path);
  }
  void reader.cancel().catch(() => {});
  throw new TreeFault('altered', path);
}

/** Over plain HTTP browsers have no digests of their own: one is fetched with the first object. */
async function digestMatches(bytes: ArrayBuffer, sha256: string): Promise<boolean> {
  if (!globalThis.crypto?.subtle) {
    const { sha256Hex } = await import('./check/hashing');
    return (await sha256Hex(new Uint8Array(bytes))) === sha256;
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === sha256;
}

function parse<Wire extends { schema: number }>(bytes: ArrayBuffer, path: string): Wire {
  let found: unknown;
  try {
    found = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new TreeFault('unknown-format', path);
  }
  if ((found as Wire | null)?.schema !== SCHEMA) throw new TreeFault('unknown-format', path);
  return found as Wire;
}
