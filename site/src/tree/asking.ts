/** Asking the server for a file: so many at once, each waited for as long as something comes. */

import { TreeFault } from './fault';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** Milliseconds in which nothing comes before an answer is given up; all of it may take longer. */
export const STALL = 20_000;
/** So long it may come as slowly as it does, in milliseconds; after that, at so many bytes in each. */
const BEGINNING = 60_000;
const LEAST_RATE = 0.25;
/** A browser asks an old server six things at once, and the pointer must never wait behind the rest. */
const LANES = 5;

export interface Answer {
  response: Response;
  /** Of an answer longer than was wanted, no more than its first bytes. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** Bytes after which a good answer is let go; of any other, the first are too many. */
export type Limit = (response: Response) => number;

export class Asking {
  readonly #inLine: (() => void)[] = [];
  #free = LANES;

  constructor(
    private readonly fetcher: Fetch = (url, init) => fetch(url, init),
    private readonly stall = STALL,
  ) {}

  /**
   * The answer for `address`, in its turn; its clock starts with its turn. Throws a `TreeFault`:
   * `network` where no answer begins or the server says that it cannot, `cut-off` where one ends early.
   */
  async inTurn(address: string, init: RequestInit, limit: Limit): Promise<Answer> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((turn) => this.#inLine.push(turn));
    try {
      return await this.atOnce(address, init, limit);
    } finally {
      const next = this.#inLine.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  /** As {@link inTurn}, ahead of all that wait. */
  async atOnce(address: string, init: RequestInit, limit: Limit): Promise<Answer> {
    const abort = new AbortController();
    const patience = new Patience(this.stall, () => abort.abort());
    let response: Response | undefined;
    try {
      response = await patience.through(this.fetcher(address, { ...init, signal: abort.signal }));
      return {
        response,
        bytes: await bodyOf(response, response.ok ? limit(response) : 0, patience),
      };
    } catch {
      throw new TreeFault(response ? 'cut-off' : 'network', address);
    }
  }
}

/**
 * How long a server is waited for: while something comes, at the least rate. Who drips bytes holds
 * nothing for ever. Time in which nobody waits is not counted.
 */
export class Patience {
  /** Milliseconds for which it may still be waited. */
  #left = BEGINNING;

  /** `giveUp` must end what is being waited for. */
  constructor(
    private readonly stall: number,
    private readonly giveUp: () => void,
  ) {}

  /** Waits for one more step; what came with it is told by {@link came}. */
  async through<Step>(step: Promise<Step>): Promise<Step> {
    const began = performance.now();
    const timer = setTimeout(this.giveUp, Math.min(this.stall, this.#left));
    try {
      return await step;
    } finally {
      clearTimeout(timer);
      this.#left += began - performance.now();
    }
  }

  came(bytes: number): void {
    this.#left += bytes / LEAST_RATE;
  }
}

async function bodyOf(
  { body }: Response,
  limit: number,
  patience: Patience,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = (body as ReadableStream<Uint8Array<ArrayBuffer>> | null)?.getReader();
  for (let have = 0; reader && have <= limit;) {
    const { done, value } = await patience.through(reader.read());
    if (done) break;
    parts.push(value);
    have += value.length;
    patience.came(value.length);
  }
  void reader?.cancel().catch(() => {});
  return parts.length === 1 ? parts[0]! : joined(parts);
}

function joined(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}
