/** Reading the published tree: relative addresses, nothing believed before its digest is checked. */

import { Asking, type Answer, type Fetch } from './asking';
import { TreeFault } from './fault';
import { ownBytes, pathOf, rangeOf, twice, type Asked } from './refs';
import { SCHEMA, type Manifest, type Pointer, type PublishedObjects, type Ref } from './wire';

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
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_OF_POINTER = 64 * 1024;
/** A section is about 10 kB and an area under 100 kB, so this many stay within a phone's means. */
const KEPT_OBJECTS = 120;

export class Tree {
  readonly #asking: Asking;
  readonly #objects = new Map<string, Promise<unknown>>();

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
    return manifest;
  }

  /**
   * The manifest of an earlier cut of the same election. Only its own digests and its number are
   * held: whether it is the one that was signed then, the log tells, not this.
   */
  async earlier(cut: number, than: Manifest): Promise<Manifest> {
    const path = `cuts/${cut}.json`;
    // Of another election, or a rehearsal, at this address a file had the same name.
    return twice(than.description.sha256, 'no-cache', hasOtherBytes, async (asked) => {
      const manifest = parse<Manifest>((await this.#found(path, asked)).bytes, path);
      const same = manifest.cut === cut && cut <= than.cut && manifest.election === than.election;
      if (!same || manifest.drill !== than.drill) throw new TreeFault('altered', path);
      return manifest;
    });
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

  /** The image of an acta, held against the digest that its station signed: no other is returned. */
  async image(sha256: string, size: number): Promise<Blob> {
    const bytes = await this.#named(`actas/${sha256}.jpg`, { sha256, size });
    return new Blob([bytes], { type: 'image/jpeg' });
  }

  async #load(ref: Ref, kinds: readonly string[]): Promise<unknown> {
    const path = pathOf(ref);
    const found = parse<{ schema: number; kind: string }>(await this.#named(path, ref), path);
    if (!kinds.includes(found.kind)) throw new TreeFault('unknown-format', path);
    return found;
  }

  #forgetOldest(): void {
    const [oldest] = this.#objects.keys();
    if (oldest !== undefined && this.#objects.size >= KEPT_OBJECTS) this.#objects.delete(oldest);
  }

  #named(path: string, ref: Ref): Promise<Uint8Array<ArrayBuffer>> {
    return twice(ref.sha256, 'default', hasOtherBytes, async (asked) => {
      const { response, bytes } = await this.#found(path, asked, ref);
      const named = ownBytes(bytes, response, ref);
      if (named.length !== ref.size || !(await digestMatches(named, ref.sha256)))
        throw new TreeFault('altered', path);
      return named;
    });
  }

  /** A file that must be there; of the one that `ref` names no more than it has. */
  async #found(path: string, { query, cache }: Asked, ref?: Ref): Promise<Answer> {
    const limit = ({ status }: Response) =>
      ref ? ref.size + (status === 206 ? 0 : (ref.offset ?? 0)) : MOST_BYTES;
    const range = ref ? rangeOf(ref) : {};
    const answer = await this.#asking.inTurn(path + query, { ...range, cache }, limit);
    const { status, ok } = answer.response;
    if (status === 404) throw new TreeFault('missing', path);
    // What is kept of another file of that name may be shorter than where this one's bytes begin.
    if (status === 416) throw new TreeFault('altered', path);
    if (!ok) throw new TreeFault('network', path);
    return answer;
  }
}

function hasOtherBytes(error: unknown): boolean {
  return (
    error instanceof TreeFault && (error.fault === 'altered' || error.fault === 'unknown-format')
  );
}

/** Over plain HTTP browsers have no digests of their own: one is fetched with the first object. */
async function digestMatches(bytes: Uint8Array<ArrayBuffer>, sha256: string): Promise<boolean> {
  if (!globalThis.crypto?.subtle) {
    const { sha256Hex } = await import('../check/log/hashing');
    return (await sha256Hex(bytes)) === sha256;
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === sha256;
}

function parse<Wire extends { schema: number }>(bytes: Uint8Array, path: string): Wire {
  let found: Wire | null;
  try {
    found = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Wire | null;
  } catch {
    throw new TreeFault('unknown-format', path);
  }
  if (found?.schema !== SCHEMA) throw new TreeFault('unknown-format', path);
  return found;
}
