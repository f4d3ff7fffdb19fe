/** The map's outlines, fetched when one is first drawn, and how to move among them. */

import { Asking } from '../tree/asking';
import districts2017 from './districts-2017.json?url';
import districts2023 from './districts-2023.json?url';
import entities from './entities.json?url';
import type { ChildArea } from '../tree/results';
import type { Level } from '../tree/wire';

export type Point = readonly [number, number];

export interface Outline {
  /** An SVG path: `M` to a corner of a ring, relative `l` along it, `z`. */
  d: string;
  /** The middle of its largest part. */
  at: Point;
}

export interface Outlines {
  box: Point;
  areas: Readonly<Record<string, Outline>>;
}

/** Left, top, width and height. */
export type Frame = readonly [number, number, number, number];

const SHEETS = {
  entities,
  'districts-2017': districts2017,
  'districts-2023': districts2023,
} as const;
export type Sheet = keyof typeof SHEETS;

/** The largest has 160 kB. */
const MOST_BYTES = 4 * 1024 * 1024;
const kept = new Map<Sheet, Promise<Outlines>>();

/** A sheet of outlines; asked for again after a failure. */
export function outlinesOf(sheet: Sheet): Promise<Outlines> {
  let found = kept.get(sheet);
  if (!found) {
    found = read(SHEETS[sheet]);
    found.catch(() => kept.delete(sheet));
    kept.set(sheet, found);
  }
  return found;
}

async function read(url: string): Promise<Outlines> {
  const { response, bytes } = await new Asking().atOnce(url, {}, () => MOST_BYTES);
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return JSON.parse(new TextDecoder().decode(bytes)) as Outlines;
}

/** The sheet that has areas of `level`; districts are drawn where their year is told and known. */
export function sheetOf(level: Level, districting: number | null): Sheet | null {
  const name =
    level === 'entity' ? 'entities' : `districts-${level === 'district' ? districting : null}`;
  return Object.hasOwn(SHEETS, name) ? (name as Sheet) : null;
}

/** An area's outline: of an entity by its id, of a district by its entity's and its own. */
export function outlineOf(outlines: Outlines, { level, path }: ChildArea): Outline | undefined {
  const own = path.split('/').slice(level === 'district' ? -2 : -1);
  return outlines.areas[own.join('/')];
}

/** The smallest frame around paths, with a margin of a fiftieth. */
export function frameAround(paths: readonly string[]): Frame {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of paths.flatMap((path) => path.split('M').slice(1))) {
    let [x, y] = [0, 0];
    const steps = ring.match(/-?\d+/g)!.map(Number);
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i]!;
      y += steps[i + 1]!;
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x), Math.max(bottom, y)];
    }
  }
  const margin = Math.max(right - left, bottom - top) / 50;
  return [left - margin, top - margin, right - left + 2 * margin, bottom - top + 2 * margin];
}

const WAYS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * Position of the middle that a key leads to from the one at `from`: the nearest that way, where
 * going astray counts double; `Home` and `End` are the first and last. `null` where there is none.
 */
export function towards(middles: readonly Point[], from: number, key: string): number | null {
  if (key === 'Home') return 0;
  if (key === 'End') return middles.length - 1;
  const way = WAYS[key];
  const here = middles[from];
  if (!way || !here) return null;
  let [best, least] = [null as number | null, Infinity];
  for (const [position, [x, y]] of middles.entries()) {
    const [right, down] = [x - here[0], y - here[1]];
    const ahead = right * way[0] + down * way[1];
    const astray = Math.abs(right * way[1]) + Math.abs(down * way[0]);
    if (ahead > 0 && ahead >= astray / 2 && ahead + 2 * astray < least) {
      [best, least] = [position, ahead + 2 * astray];
    }
  }
  return best;
}
