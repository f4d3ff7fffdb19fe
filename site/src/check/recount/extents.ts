/** Objects that lie side by side in packs: which bytes to ask for, and cutting them as they come. */

import { Patience, STALL } from '../../tree/asking';
import type { Ref } from '../../tree/wire';
import type { Bytes } from '../log/bytes';
import { Refusal } from '../refusal';

/** What is asked for at once. */
export interface Asking {
  /** Unneeded bytes that are cheaper to fetch than to ask around. */
  gap: number;
  /** Bytes after which one asks again. */
  most: number;
}

export const BY_RANGE: Asking = { gap: 64 * 1024, most: 2 * 1024 * 1024 };
/** Where a server knows no ranges, all of a pack is one stretch. */
export const WHOLE: Asking = { gap: Infinity, most: Infinity };

/** An object inside a pack, and what the caller knows of it. */
export interface Extent<Of> {
  ref: Ref & { pack: number; offset: number };
  of: Of;
}

/** Neighbouring extents of one pack, in order, to be asked for at once. */
export interface Stretch<Of> {
  pack: number;
  start: number;
  end: number;
  extents: Extent<Of>[];
}

/** The extents by pack and offset; those near each other together. */
export function stretchesOf<Of>(
  extents: readonly Extent<Of>[],
  { gap, most }: Asking,
): Stretch<Of>[] {
  const sorted = extents.toSorted((a, b) => a.ref.pack - b.ref.pack || a.ref.offset - b.ref.offset);
  const stretches: Stretch<Of>[] = [];
  for (const extent of sorted) {
    const { pack, offset, size } = extent.ref;
    const last = stretches.at(-1);
    if (last?.pack === pack && offset < last.end) throw new Refusal('twice', `cuts/${pack}.pack`);
    if (last?.pack === pack && offset - last.end <= gap && offset - last.start < most) {
      last.extents.push(extent);
      last.end = offset + size;
    } else {
      stretches.push({ pack, start: offset, end: offset + size, extents: [extent] });
    }
  }
  return stretches;
}

/**
 * Cuts a body into its extents as it comes, a few at a time. `position` is where in the pack the
 * body begins. What comes after the last extent is not read.
 */
export async function* cutBody<Of>(
  body: ReadableStream<Bytes>,
  position: number,
  { pack, extents }: Stretch<Of>,
): AsyncGenerator<[Extent<Of>, Bytes][]> {
  const reader = new Reading(body, position, `cuts/${pack}.pack`);
  try {
    let ready: [Extent<Of>, Bytes][] = [];
    for (const extent of extents) {
      if (ready.length > 0 && !reader.holds(extent.ref.offset + extent.ref.size)) {
        yield ready;
        ready = [];
      }
      await reader.skipTo(extent.ref.offset);
      ready.push([extent, await reader.take(extent.ref.size)]);
    }
    yield ready;
  } finally {
    await reader.cancel();
  }
}

class Reading {
  readonly #reader: ReadableStreamDefaultReader<Bytes>;
  readonly #patience: Patience;
  #chunk: Bytes = new Uint8Array();
  #at = 0;
  #isSilent = false;

  constructor(
    body: ReadableStream<Bytes>,
    /** Where in the pack the present chunk begins. */
    private position: number,
    private readonly path: string,
  ) {
    this.#reader = body.getReader();
    this.#patience = new Patience(STALL, () => {
      this.#isSilent = true;
      void this.cancel();
    });
  }

  /** Whether everything up to `end` is here already. */
  holds(end: number): boolean {
    return end <= this.position + this.#chunk.length;
  }

  async skipTo(offset: number): Promise<void> {
    while (!this.holds(offset)) await this.#next();
    this.#at = offset - this.position;
  }

  async take(size: number): Promise<Bytes> {
    if (this.#at + size <= this.#chunk.length) {
      this.#at += size;
      return this.#chunk.subarray(this.#at - size, this.#at);
    }
    const whole = new Uint8Array(size);
    for (let filled = 0; filled < size;) {
      if (this.#at === this.#chunk.length) await this.#next();
      const part = this.#chunk.subarray(this.#at, this.#at + size - filled);
      whole.set(part, filled);
      filled += part.length;
      this.#at += part.length;
    }
    return whole;
  }

  async #next(): Promise<void> {
    let read: ReadableStreamReadResult<Bytes>;
    try {
      read = await this.#patience.through(this.#reader.read());
    } catch {
      throw new Refusal('network', this.path);
    }
    if (read.done) throw new Refusal(this.#isSilent ? 'network' : 'altered', this.path);
    this.#patience.came(read.value.length);
    this.position += this.#chunk.length;
    [this.#chunk, this.#at] = [read.value, 0];
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }
}
