/** What counting a contest again weighs, told before anybody on mobile data begins. */

import { isRun } from '../../figures/runs';
import type { Tree } from '../../tree/tree';
import type { AreaResults, ChildArea, Ref } from '../../tree/wire';

/** Of each area so many below it are looked at; the rest are taken to weigh alike. */
const LOOKED_AT = 3;

/** Bytes of a contest's results down to its sections, by a few of them. Throws a `TreeFault`. */
export async function weightOf(tree: Tree, results: Ref): Promise<number> {
  return results.size + (await weightBelow(tree, await tree.object(results, ['area'])));
}

async function weightBelow(tree: Tree, { children }: AreaResults): Promise<number> {
  const looked = spread(children, LOOKED_AT);
  const weights = await Promise.all(looked.map((child) => weightWithin(tree, child)));
  const own = children.reduce((sum, { object }) => sum + object.size, 0);
  return own + scaled(sum(weights), sum(looked.map(actasOf)), sum(children.map(actasOf)));
}

/** What is below `child`, itself left out. */
async function weightWithin(tree: Tree, child: ChildArea): Promise<number> {
  if (child.level === 'seccion') return 0;
  const area = await tree.object(child.object, ['area']);
  return isRun(child)
    ? sum(area.children.map(({ object }) => object.size))
    : weightBelow(tree, area);
}

function spread(areas: readonly ChildArea[], most: number): ChildArea[] {
  if (areas.length <= most) return [...areas];
  return Array.from(
    { length: most },
    (_, at) => areas[Math.floor(((2 * at + 1) * areas.length) / (2 * most))]!,
  );
}

/** An area of which no acta is expected still weighs something. */
function actasOf({ expected }: ChildArea): number {
  return Math.max(1, expected);
}

function scaled(part: number, of: number, whole: number): number {
  return of === 0 ? 0 : Math.ceil((part * whole) / of);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
