/** Counts some runs of a contest beside the worker that shares them out. */

import { ThisThread, type Declared, type Done, type Part, type Run } from './counter';
import { refusalOf, type Reason } from './refusal';
import { Source } from './source';
import { nowAndThen } from './telling';

export type Order =
  | { kind: 'begin'; base: string; declared: Declared }
  | { kind: 'count'; runs: readonly Run[] }
  | { kind: 'part' };

export type Word =
  | { kind: 'progress'; done: Done }
  | { kind: 'counted' }
  | { kind: 'part'; part: Part }
  | { kind: 'refused'; reason: Reason; at: string };

let counter: ThisThread;

function post(word: Word): void {
  postMessage(word);
}

async function obey(order: Order): Promise<void> {
  if (order.kind === 'begin') {
    const tell = nowAndThen((done: Done) => post({ kind: 'progress', done }));
    counter = new ThisThread(new Source(order.base), order.declared, tell);
  } else if (order.kind === 'count') {
    await counter.count(order.runs);
    post({ kind: 'counted' });
  } else {
    post({ kind: 'part', part: await counter.part() });
  }
}

addEventListener('message', ({ data }: MessageEvent<Order>) => {
  obey(data).catch((error: unknown) => post({ kind: 'refused', ...refusalOf(error) }));
});
