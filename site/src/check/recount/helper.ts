/** Parts of a contest counted in a worker of their own. */

import type { Part } from './part';
import type { Order, Word } from './part.worker';
import type { Count } from './recount';
import { Refusal } from '../refusal';

/** A worker that counts one part after the other. */
export function helper(base: string): Count {
  const worker = new Worker(new URL('./part.worker.ts', import.meta.url), { type: 'module' });
  // It may be lost before it is asked for anything.
  const lost = new Promise<never>((_, reject) => {
    worker.addEventListener('error', () => reject(new Refusal('network', 'worker')));
  });
  lost.catch(() => {});
  return (declared, branches, tell) => {
    const counted = new Promise<Part>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Word>) => {
        if (data.kind === 'progress') tell(data.done);
        else if (data.kind === 'counted') resolve(data.part);
        else reject(new Refusal(data.reason, data.at));
      };
    });
    const order: Order = { base, declared, branches };
    worker.postMessage(order);
    return Promise.race([counted, lost]);
  };
}
