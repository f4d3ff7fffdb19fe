/** Reads parts of the log beside the worker that hands them out. */

import { refusalOf, type Reason } from '../refusal';
import { Source } from '../source';
import { readPart, type Done, type Log, type Part, type Span } from './part';
import { nowAndThen } from './telling';

export interface Order {
  base: string;
  log: Log;
  span: Span;
}

export type Word =
  | { kind: 'progress'; done: Done }
  | { kind: 'read'; part: Part }
  | { kind: 'refused'; reason: Reason; at: string };

function post(word: Word, transfer: Transferable[] = []): void {
  postMessage(word, { transfer });
}

addEventListener('message', async ({ data: { base, log, span } }: MessageEvent<Order>) => {
  const tell = nowAndThen((done: Done) => post({ kind: 'progress', done }));
  try {
    const part = await readPart(new Source(base), log, span, tell);
    post({ kind: 'read', part }, [part.rows.data.buffer, part.hashes.buffer]);
  } catch (error) {
    post({ kind: 'refused', ...refusalOf(error) });
  }
});
