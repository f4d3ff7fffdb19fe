/** Parts of a contest counted in a worker of their own. */

import type { Count } from './recount';
import type { Order, Word } from './part.worker';
import { Refusal } from './refusal';

/** A worker that counts one part after the other. */
export function helper(base: string): Count {
  const worker = new Worker(new URL('./part.worker.ts', import.meta.url), { type: 'module' });
  return (declared, branches, tell) =>
    new Promise((resolve, reject) => {
      worker.onerror = () => reject(new Refusal('network', 'worker'));
      worker.onmessage = ({ data }: MessageEvent<Word>) => {
        if (data.kind === 'progress') tell(data.done);
        else if (data.kind === 'counted') resolve(data.part);
        else reject(new Refusal(data.reason, data.at));
      };
      const order: Order = { base, declared, branches };
      worker.postMessage(order);
    });
}
