/** Counts away from the page's own thread, so that it stays responsive, with helpers where there are cores. */

import type { Manifest } from '../wire';
import { ThisThread } from './counter';
import { Helper } from './helper';
import { recount, type Hire, type Progress, type Recount } from './recount';
import { refusalOf, type Reason } from './refusal';
import { Source } from './source';
import { nowAndThen } from './telling';

export interface Task {
  base: string;
  manifest: Manifest;
  contest: string;
}

export type Report =
  | { kind: 'progress'; progress: Progress }
  | { kind: 'done'; recount: Recount }
  | { kind: 'refused'; reason: Reason; at: string };

/** More would wait for the network, and each takes memory. */
const MOST_COUNTERS = 4;

function post(report: Report): void {
  postMessage(report);
}

addEventListener('message', async ({ data: { base, manifest, contest } }: MessageEvent<Task>) => {
  const source = new Source(base);
  const tell = (progress: Progress): void => post({ kind: 'progress', progress });
  const hire: Hire = (declared, most, tellOf) => {
    const own = new ThisThread(source, declared, nowAndThen(tellOf(0)));
    const others = Array.from({ length: helpersFor(most) }, (_, index) => new Helper(base, declared, tellOf(index + 1)));
    return [own, ...others];
  };
  try {
    post({ kind: 'done', recount: await recount(source, manifest, contest, hire, tell) });
  } catch (error) {
    post({ kind: 'refused', ...refusalOf(error) });
  }
});

function helpersFor(parts: number): number {
  // A browser whose workers have none of their own counts in this one.
  const cores = 'Worker' in globalThis ? navigator.hardwareConcurrency : 1;
  return Math.max(0, Math.min(cores, parts, MOST_COUNTERS) - 1);
}
