/** Counts away from the page's own thread, so that it stays responsive. */

import type { Manifest } from '../wire';
import { recount, type Progress, type Recount } from './recount';
import { Refusal, type Reason } from './refusal';
import { Source } from './source';

export interface Task {
  base: string;
  manifest: Manifest;
  contest: string;
}

export type Report =
  | { kind: 'progress'; progress: Progress }
  | { kind: 'done'; recount: Recount }
  | { kind: 'refused'; reason: Reason; at: string };

const TELL_EVERY = 100;

function post(report: Report): void {
  postMessage(report);
}

addEventListener('message', async ({ data }: MessageEvent<Task>) => {
  let told = 0;
  const tell = (progress: Progress): void => {
    if (performance.now() - told < TELL_EVERY) return;
    told = performance.now();
    post({ kind: 'progress', progress });
  };
  try {
    const done = await recount(new Source(data.base), data.manifest, data.contest, tell);
    post({ kind: 'done', recount: done });
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal('format', String(error));
    post({ kind: 'refused', reason: refusal.reason, at: refusal.at });
  }
});
