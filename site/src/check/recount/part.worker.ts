/** Counts parts of a contest beside the worker that hands them out. */

import { countPart, type Branch, type Declared, type Done, type Part } from './part';
import { refusalOf, type Reason } from '../refusal';
import { Source } from '../source';
import { nowAndThen } from './telling';

export interface Order {
  base: string;
  declared: Declared;
  branches: readonly Branch[];
}

export type Word =
  | { kind: 'progress'; done: Done }
  | { kind: 'counted'; part: Part }
  | { kind: 'refused'; reason: Reason; at: string };

function post(word: Word): void {
  postMessage(word);
}

addEventListener('message', async ({ data: { base, declared, branches } }: MessageEvent<Order>) => {
  const tell = nowAndThen((done: Done) => post({ kind: 'progress', done }));
  try {
    post({ kind: 'counted', part: await countPart(new Source(base), declared, branches, tell) });
  } catch (error) {
    post({ kind: 'refused', ...refusalOf(error) });
  }
});
