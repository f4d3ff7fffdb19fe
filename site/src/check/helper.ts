/** A counter in a worker of its own. */

import type { Counter, Declared, Done, Part, Run } from './counter';
import type { Order, Word } from './counter.worker';
import { Refusal } from './refusal';

/** Does one thing at a time; after a `Refusal` it refuses everything. */
export class Helper implements Counter {
  readonly #worker = new Worker(new URL('./counter.worker.ts', import.meta.url), { type: 'module' });
  readonly #failed: Promise<never>;
  #answer: (word: Word) => void = () => {};

  constructor(base: string, declared: Declared, tell: (done: Done) => void) {
    this.#failed = new Promise((_, reject) => {
      this.#worker.addEventListener('error', () => reject(new Refusal('network', 'worker')));
      this.#worker.addEventListener('message', ({ data }: MessageEvent<Word>) => {
        if (data.kind === 'progress') tell(data.done);
        else if (data.kind === 'refused') reject(new Refusal(data.reason, data.at));
        else this.#answer(data);
      });
    });
    // It is told to whoever asks next.
    this.#failed.catch(() => {});
    this.#order({ kind: 'begin', base, declared });
  }

  async count(runs: readonly Run[]): Promise<void> {
    await this.#ask({ kind: 'count', runs });
  }

  async part(): Promise<Part> {
    const word = await this.#ask({ kind: 'part' });
    if (word.kind !== 'part') throw new Refusal('format', 'worker');
    return word.part;
  }

  #ask(order: Order): Promise<Word> {
    const answered = new Promise<Word>((resolve) => (this.#answer = resolve));
    this.#order(order);
    return Promise.race([answered, this.#failed]);
  }

  #order(order: Order): void {
    this.#worker.postMessage(order);
  }
}
