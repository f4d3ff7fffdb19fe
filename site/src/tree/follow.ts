/** Following the pointer: ask for news every few seconds, less often when it goes wrong. */

import { TreeFault, type Fault, type PointerAnswer, type Tag, type Tree } from './tree';
import type { Pointer } from './wire';

const PERIOD = 5_000;
const LONGEST_WAIT = 60_000;

/** How fresh the page is. Times are of `performance.now()`, which nobody can set back. */
export type Freshness =
  | { kind: 'starting' }
  /** There is nothing published yet. */
  | { kind: 'waiting' }
  | { kind: 'live'; checked: number }
  | { kind: 'failing'; fault: Fault; checked: number | null };

/**
 * Milliseconds until the next question. `random` (0 to 1) spreads the readers, so that a nation
 * does not ask at once; every failure in a row doubles the wait, up to a minute.
 */
export function nextDelay(failures: number, random: number): number {
  const wait = Math.min(LONGEST_WAIT, PERIOD * 2 ** failures);
  return Math.round(wait * (0.8 + 0.4 * random));
}

export interface Follower {
  /** A pointer that differs from the one before; failing to show it counts as a failure. */
  news(pointer: Pointer): Promise<void>;
  freshness(now: Freshness): void;
}

export class Following {
  #tag: Tag | null = null;
  #checked: number | null = null;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking = false;
  /** Woken up while a question was under way: ask once more after it. */
  #again = false;

  constructor(
    private readonly tree: Tree,
    private readonly follower: Follower,
  ) {}

  /** Asks at once, and then goes on while the page is visible. */
  start(): void {
    document.addEventListener('visibilitychange', this.#resume);
    addEventListener('online', this.#resume);
    addEventListener('offline', this.#resume);
    this.#resume();
  }

  readonly #resume = (): void => {
    clearTimeout(this.#timer);
    if (!document.hidden) void this.#ask();
  };

  async #ask(): Promise<void> {
    this.#again = this.#asking;
    if (this.#asking) return;
    this.#asking = true;
    try {
      await this.#take(await this.tree.pointer(this.#tag));
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      const fault = error instanceof TreeFault ? error.fault : 'unknown-format';
      this.follower.freshness({ kind: 'failing', fault, checked: this.#checked });
    } finally {
      this.#asking = false;
    }
    this.#schedule();
  }

  #schedule(): void {
    if (document.hidden) return;
    const delay = this.#again ? 0 : nextDelay(this.#failures, Math.random());
    this.#timer = setTimeout(this.#resume, delay);
  }

  async #take(answer: PointerAnswer): Promise<void> {
    if (answer.kind === 'absent' && this.#tag === null) {
      this.follower.freshness({ kind: 'waiting' });
      return;
    }
    if (answer.kind === 'absent') throw new TreeFault('missing', 'current.json');
    if (answer.kind === 'kept') {
      if (this.#tag === null) await this.follower.news(answer.pointer);
      this.#checked ??= performance.now() - Math.max(0, Date.now() - answer.confirmed);
      throw new TreeFault('network', 'current.json');
    }
    if (answer.kind === 'news') {
      await this.follower.news(answer.pointer);
      this.#tag = answer.tag;
    }
    this.#checked = performance.now();
    this.follower.freshness({ kind: 'live', checked: this.#checked });
  }
}
