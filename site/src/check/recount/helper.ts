/** Parts of the log read in a worker of their own. */

import { Refusal } from '../refusal';
import type { Part } from './part';
import type { Order, Word } from './part.worker';
import type { Read } from './recount';

/** A worker that reads one part after the other. */
export function helper(base: string): Read {
  const worker = new Worker(new URL('./part.worker.ts', import.meta.url), { type: 'module' });
  // It may be lost before it is asked for anything.
  const lost = new Promise<never>((_, reject) => {
    worker.addEventListener('error', () => reject(new Refusal('network', 'worker')));
  });
  lost.catch(() => {});
  return (log, span, tell) => {
    const read = new Promise<Part>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Word>) => {
        if (data.kind === 'progress') tell(data.done);
        else if (data.kind === 'read') resolve(data.part);
        else reject(new Refusal(data.reason, data.at));
      };
    });
    const order: Order = { base, log, span };
    worker.postMessage(order);
    return Promise.race([read, lost]);
  };
}
