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
  readonly #lanes = new Lanes(LANES);

  constructor(
    private readonly fetcher: Fetch = (url, init) => fetch(url, init),
    private readonly stall = STALL,
  ) {}

  /**
   * The answer for `address`, in its turn; its clock starts with its turn. Throws a `TreeFault`:
   * `network` where no answer begins or the server says that it cannot, `cut-off` where one ends early.
   */
  inTurn(address: string, init: RequestInit, limit: Limit): Promise<Answer> {
    return this.#lanes.run(() => this.atOnce(address, init, limit));
  }

  /** As {@link inTurn}, ahead of all that wait. */
  async atOnce(address: string, init: RequestInit, limit: Limit): Promise<Answer> {
    const abort = new AbortController();
    const patience = new Patience(this.stall, () => abort.abort());
    let response: Response | undefined;
    try {
      response = await patience.through(this.fetcher(address, { ...init, signal: abort.signal }));
      return { response, bytes: await bodyOf(response, response.ok ? limit(response) : 0, patience) };
    } catch {
      throw new TreeFault(response ? 'cut-off' : 'network', address);
    }
  }
}

/** At most so many things at once; the rest wait in the order in which they came. */
class Lanes {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(most: number) {
    this.#free = most;
  }

  async run<Done>(work: () => Promise<Done>): Promise<Done> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((turn) => this.#waiting.push(turn));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}

/**
 * How long a server is waited for: while something comes, at the least rate. Who drips bytes holds
 * nothing for ever. Time in which nobody waits is not counted.
 */
export class Patience {
  #waited = 0;
  #have = 0;

  /** `giveUp` must end what is being waited for. */
  constructor(
    private readonly stall: number,
    private readonly giveUp: () => void,
  ) {}

  /** Waits for one more step; what came with it is told by {@link came}. */
  async through<Step>(step: Promise<Step>): Promise<Step> {
    const began = performance.now();
    const left = BEGINNING + this.#have / LEAST_RATE - this.#waited;
    const timer = setTimeout(this.giveUp, Math.max(0, Math.min(this.stall, left)));
    try {
      return await step;
    } finally {
      clearTimeout(timer);
      this.#waited += performance.now() - began;
    }
  }

  came(bytes: number): void {
    this.#have += bytes;
  }
}

async function bodyOf(response: Response, limit: number, patience: Patience): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  const reader = response.body?.getReader();
  let have = 0;
  while (reader && have <= limit) {
    const { done, value } = await patience.through(reader.read());
    if (done) return joined(parts, have);
    patience.came(value.length);
    parts.push(value);
    have += value.length;
  }
  void reader?.cancel().catch(() => {});
  return joined(parts, have);
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
