/** Asking the server for a file: so many at once, each waited for as long as something comes. */

import { TreeFault } from './fault';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** Milliseconds in which nothing comes before an answer is given up; all of it may take longer. */
const STALL = 20_000;
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
    const patience = new Patience(this.stall);
    let response: Response | undefined;
    try {
      response = await this.fetcher(address, { ...init, signal: patience.signal });
      patience.renew();
      return { response, bytes: await bodyOf(response, response.ok ? limit(response) : 0, patience) };
    } catch {
      throw new TreeFault(response ? 'cut-off' : 'network', address);
    } finally {
      patience.end();
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

/** Ends a question when nothing has come for a while. */
class Patience {
  readonly #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly stall: number) {
    this.renew();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  renew(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#abort.abort(), this.stall);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

async function bodyOf(response: Response, limit: number, patience: Patience): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  const reader = response.body?.getReader();
  let have = 0;
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    patience.renew();
    parts.push(part.value);
    have += part.value.length;
    if (have <= limit) continue;
    void reader?.cancel().catch(() => {});
    break;
  }
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
