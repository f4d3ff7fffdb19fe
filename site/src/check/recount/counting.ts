/** Counting in a worker, as the page asks for it. */

import type { Manifest } from '../../tree/wire';
import { treeAddress } from './bench';
import type { Progress, Recount } from './recount';
import type { Report, Task } from './recount.worker';
import { Refusal } from '../refusal';

/** Counts a contest; `signal` stops it. Throws a `Refusal`. */
export function countAgain(
  manifest: Manifest,
  contest: string,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Recount> {
  const worker = new Worker(new URL('./recount.worker.ts', import.meta.url), { type: 'module' });
  const task: Task = { base: treeAddress(), manifest, contest };
  const done = new Promise<Recount>((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<Report>) => {
      if (data.kind === 'progress') tell(data.progress);
      else if (data.kind === 'done') resolve(data.recount);
      else reject(new Refusal(data.reason, data.at));
    });
    worker.addEventListener('error', () => reject(new Refusal('network', 'worker')));
    signal.addEventListener('abort', () => reject(new Refusal('network')));
  });
  worker.postMessage(task);
  return done.finally(() => worker.terminate());
}
