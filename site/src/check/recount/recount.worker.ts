/** Counts away from the page's own thread, so that it stays responsive, with helpers where there are cores. */

import type { Manifest } from '../../tree/wire';
import { helper } from './helper';
import { readPart } from './part';
import { recount, type Progress, type Read, type Recount } from './recount';
import { refusalOf, type Reason } from '../refusal';
import { Source } from '../source';
import { Tree } from '../../tree/tree';
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
const MOST_THREADS = 4;

function post(report: Report): void {
  postMessage(report);
}

/** This thread and its helpers; a browser whose workers have none of their own reads in this one. */
function threads(source: Source, base: string): Read[] {
  const cores = 'Worker' in globalThis ? navigator.hardwareConcurrency : 1;
  const own: Read = (log, span, tell) => readPart(source, log, span, nowAndThen(tell));
  const helpers = Array.from({ length: Math.min(cores, MOST_THREADS) - 1 }, () => helper(base));
  return [own, ...helpers];
}

addEventListener('message', async ({ data: { base, manifest, contest } }: MessageEvent<Task>) => {
  const source = new Source(base);
  const tell = (progress: Progress): void => post({ kind: 'progress', progress });
  try {
    const tree = new Tree((path, init) => fetch(base + path, { ...init, cache: 'no-store' }));
    const found = await recount(source, tree, manifest, contest, threads(source, base), tell);
    post({ kind: 'done', recount: found });
  } catch (error) {
    post({ kind: 'refused', ...refusalOf(error) });
  }
});
