/** One check as a view shows it: idle, under way, done with its evidence, or refused. */

import { Refusal } from './refusal';

export type State<Result> =
  | { kind: 'idle' }
  | { kind: 'working' }
  | { kind: 'done'; cut: number; result: Result }
  | { kind: 'refused'; cut: number; refusal: Refusal };

export class Check<Result> {
  state = $state.raw<State<Result>>({ kind: 'idle' });
  #ticket = 0;

  /** Does the check on cut number `cut`; what was under way before is forgotten. */
  async start(cut: number, work: () => Promise<Result>): Promise<void> {
    const ticket = ++this.#ticket;
    this.state = { kind: 'working' };
    const state = await settle(cut, work);
    if (ticket === this.#ticket) this.state = state;
  }

  reset(): void {
    this.#ticket += 1;
    this.state = { kind: 'idle' };
  }

  get result(): Result | null {
    return this.state.kind === 'done' ? this.state.result : null;
  }
}

async function settle<Result>(cut: number, work: () => Promise<Result>): Promise<State<Result>> {
  try {
    return { kind: 'done', cut, result: await work() };
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal('format', String(error));
    return { kind: 'refused', cut, refusal };
  }
}
