/** The cuts of a night for a chart: evenly chosen, each fetched once. */

import type { Tree } from '../tree/tree';
import type { Manifest } from '../tree/wire';

/** As many cuts as a chart can tell apart. */
export const MOST_CUTS = 36;

/** Numbers of the cuts to draw, from 0 to `last`, both included. */
export function chosenCuts(last: number, most = MOST_CUTS): number[] {
  if (last < most) return Array.from({ length: last + 1 }, (_, number) => number);
  const step = last / (most - 1);
  return Array.from({ length: most }, (_, index) => Math.round(index * step));
}

const kept = new Map<string, Promise<Manifest>>();

/** A past cut's manifest; asked for again after a failure. */
export function manifestOf(tree: Tree, cut: number, latest: Manifest): Promise<Manifest> {
  if (cut === latest.cut) return Promise.resolve(latest);
  const name = `${latest.election}/${cut}`;
  let found = kept.get(name);
  if (!found) {
    found = tree.earlier(cut, latest);
    found.catch(() => kept.delete(name));
    kept.set(name, found);
  }
  return found;
}

export interface Point {
  /** Milliseconds since 1970. */
  at: number;
  /** What is drawn, from 0 to `top`. */
  value: number;
}

/** Which point is the first to reach half of `whole`; none where there is nothing to reach. */
export function halfOf(points: readonly Point[], whole: number): number | null {
  const at = points.findIndex(({ value }) => 2 * value >= whole);
  return whole > 0 && at !== -1 ? at : null;
}

/** The points of a line in a drawing of `width` by `height`, as an SVG path of steps. */
export function stepsOf(
  points: readonly Point[],
  from: number,
  to: number,
  top: number,
  width: number,
  height: number,
): string {
  const span = Math.max(1, to - from);
  const x = (at: number) => Math.round(((at - from) * width) / span);
  const y = (value: number) => Math.round(height - (value * height) / Math.max(1, top));
  return points
    .map(({ at, value }, index) =>
      index === 0 ? `M${x(at)} ${y(value)}` : `H${x(at)}V${y(value)}`,
    )
    .join('');
}
