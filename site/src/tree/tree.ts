/** Reading the published tree: relative addresses, nothing believed before its digest is checked. */

import { Asking, type Answer, type Fetch, type Limit } from './asking';
import { TreeFault } from './fault';
import { limitOf, objectPath, ownBytes, rangeOf, twice, type Asked, type Span } from './refs';
import { SCHEMA, type DeclaredObjects, type Manifest, type Pointer, type Ref } from './wire';

export { TreeFault, type Fault } from './fault';

/** What the server said of the pointer when asked only for news. */
export type PointerAnswer =
  | { kind: 'news'; pointer: Pointer; tag: Tag }
  /** Without a server: the last pointer that this device verified, and when that was (ms since 1970). */
  | { kind: 'kept'; pointer: Pointer; confirmed: number }
  | { kind: 'same' }
  | { kind: 'absent' };

/** What to send so that the server may answer "not modified". */
export interface Tag {
  etag: string | null;
  modified: string | null;
}

const POINTER = 'current.json';
/** Put by the service worker on a pointer that it kept (`standing/sw.ts`). */
const STALE = 'X-OpenPREP-Stale';
/** No file that is read whole here is larger; a pointer is under 1 kB. */
export const MOST_BYTES = 64 * 1024 * 1024;
const MOST_OF_POINTER = 64 * 1024;
/** An area is under 100 kB, so this many stay within a phone's means. */
const KEPT_OBJECTS = 200;

export class Tree {
  readonly #asking: Asking;
  readonly #objects = new Map<string, Promise<unknown>>();
  /** Digest and size of each manifest that was read, as the log names it. */
  readonly #refs = new WeakMap<Manifest, Ref>();
  #newest = 0;
  /** The first parts of files that were asked for: whom the browser tells of a visit, it tells of no ranges. */
  readonly spans: Span[] = [];

  constructor(fetcher?: Fetch, stall?: number) {
    this.#asking = new Asking(fetcher, stall);
  }

  /** Asks for the pointer; `known` is the tag of the one at hand. */
  async pointer(known: Tag | null): Promise<PointerAnswer> {
    const headers: Record<string, string> = {};
    if (known?.etag) headers['If-None-Match'] = known.etag;
    else if (known?.modified) headers['If-Modified-Since'] = known.modified;
    const { response, bytes } = await this.#asking.atOnce(
      POINTER,
      { headers, cache: 'no-store' },
      () => MOST_OF_POINTER,
    );
    if (response.status === 304) return { kind: 'same' };
    if (response.status === 404) return { kind: 'absent' };
    if (!response.ok) throw new TreeFault('network', POINTER);
    const pointer = parse<Pointer>(bytes, POINTER);
    const confirmed = response.headers.get(STALE);
    if (confirmed !== null) return { kind: 'kept', pointer, confirmed: Number(confirmed) };
    const tag = {
      etag: response.headers.get('ETag'),
      modified: response.headers.get('Last-Modified'),
    };
    return { kind: 'news', pointer, tag };
  }

  /** The manifest that the pointer names. */
  async manifest(pointer: Pointer): Promise<Manifest> {
    const path = `cuts/${pointer.cut}.json`;
    const manifest = parse<Manifest>(await this.#named(path, pointer.manifest), path);
    if (manifest.cut !== pointer.cut) throw new TreeFault('altered', path);
    this.#refs.set(manifest, pointer.manifest);
    this.#newest = manifest.cut;
    return manifest;
  }

  /** The newest cut that a pointer named. */
  get newest(): number {
    return this.#newest;
  }

  /** A manifest's own digest and size, which its leaf of the log has. */
  refOf(manifest: Manifest): Ref {
    return this.#refs.get(manifest)!;
  }

  /**
   * The manifest of an earlier cut of the same election. Only its own digests and its number are
   * held: whether it is the one that was signed then, the log tells, not this.
   */
  async earlier(cut: number, than: Manifest): Promise<Manifest> {
    const path = `cuts/${cut}.json`;
    // Of another election, or a rehearsal, at this address a file had the same name.
    return twice(than.description.sha256, 'no-cache', hasOtherBytes, async (asked) => {
      const { bytes } = await this.ask(path, asked, MOST_BYTES);
      const manifest = parse<Manifest>(bytes, path);
      const same = manifest.cut === cut && cut <= than.cut && manifest.election === than.election;
      if (!same || manifest.drill !== than.drill) throw new TreeFault('altered', path);
      this.#refs.set(manifest, { sha256: hexOf(await digestOf(bytes)), size: bytes.length });
      return manifest;
    });
  }

  /** What is declared for the whole election, of the kind that stands there; kept, since it cannot change. */
  declared<Kind extends keyof DeclaredObjects>(
    ref: Ref,
    kind: Kind,
  ): Promise<DeclaredObjects[Kind]> {
    return this.kept(ref.sha256, async () => {
      const path = objectPath(ref);
      return checkKind<DeclaredObjects[Kind]>(await this.#named(path, ref), kind, path);
    });
  }

  /** The image of an acta, held against the digest that its station signed: no other is returned. */
  async image(sha256: string, size: number): Promise<Blob> {
    const bytes = await this.#named(`actas/${sha256}.jpg`, { sha256, size });
    return new Blob([bytes], { type: 'image/jpeg' });
  }

  /** A file that must be there, of at most `limit` bytes, or a span of it; nothing of it is checked. */
  async ask(path: string, { query, cache }: Asked, limit: number, span?: Span): Promise<Answer> {
    const most: Limit = span ? limitOf(span, limit) : () => limit;
    const range = span ? rangeOf(span) : {};
    const answer = await this.#asking.inTurn(path + query, { ...range, cache }, most);
    const { status, ok } = answer.response;
    if (status === 404) throw new TreeFault('missing', path);
    // What is kept of another file of that name may be shorter than where this one's bytes begin.
    if (status === 416) throw new TreeFault('altered', path);
    if (!ok) throw new TreeFault('network', path);
    return answer;
  }

  /**
   * Some bytes of a file, out of all of it where a server knows no ranges and the file is no larger than `limit`
   * up to there; nothing of them is checked.
   */
  async part(span: Span, asked: Asked, limit: number): Promise<Uint8Array<ArrayBuffer>> {
    if (this.spans.length < KEPT_OBJECTS) this.spans.push(span);
    const { response, bytes } = await this.ask(span.path, asked, limit, span);
    return ownBytes(bytes, response, span);
  }

  /** Cannot change, so it is read once; the one that was longest not asked for goes first. */
  kept<Found>(name: string, load: () => Promise<Found>): Promise<Found> {
    let found = this.#objects.get(name);
    if (!found) {
      found = load();
      found.catch(() => this.#objects.delete(name));
      const [oldest] = this.#objects.keys();
      if (oldest !== undefined && this.#objects.size >= KEPT_OBJECTS) this.#objects.delete(oldest);
    } else {
      this.#objects.delete(name);
    }
    this.#objects.set(name, found);
    return found as Promise<Found>;
  }

  async #named(path: string, ref: Ref): Promise<Uint8Array<ArrayBuffer>> {
    if (ref.size > MOST_BYTES) throw new TreeFault('altered', path);
    return twice(ref.sha256, 'default', hasOtherBytes, async (asked) => {
      const { bytes } = await this.ask(path, asked, ref.size);
      if (bytes.length !== ref.size || hexOf(await digestOf(bytes)) !== ref.sha256)
        throw new TreeFault('altered', path);
      return bytes;
    });
  }
}

export function hasOtherBytes(error: unknown): boolean {
  return (
    error instanceof TreeFault && (error.fault === 'altered' || error.fault === 'unknown-format')
  );
}

/** Over plain HTTP browsers have no digests of their own: one is fetched with the first object. */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  if (!globalThis.crypto?.subtle) return (await import('../check/log/hashing')).sha256(bytes);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

function hexOf(digest: Uint8Array): string {
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function checkKind<Found>(bytes: Uint8Array, kind: string, path: string): Found {
  const found = parse<{ schema: number; kind: string }>(bytes, path);
  if (found.kind !== kind) throw new TreeFault('unknown-format', path);
  return found as Found;
}

export function parse<Wire extends { schema: number }>(bytes: Uint8Array, path: string): Wire {
  const found = json<Wire | null>(bytes, path);
  if (found?.schema !== SCHEMA) throw new TreeFault('unknown-format', path);
  return found;
}

export function json<Found>(bytes: Uint8Array, path: string): Found {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Found;
  } catch {
    throw new TreeFault('unknown-format', path);
  }
}
