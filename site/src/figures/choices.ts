/** What can be chosen at each step from a contest down to one acta, as the tree lists it. */

import { childAt, type Section } from '../address/walk';
import { rootOf, runAt } from '../tree/areas';
import { isRun } from './runs';
import { idOf } from '../address/title';
import { expectedAt, type AreaResults, type ChildArea } from '../tree/results';
import type { Tree } from '../tree/tree';
import type { ExpectedActa, Level, Manifest } from '../tree/wire';

export type Step = Level | 'acta';

/** A choice by the id that stands for it in an address. */
export type Choice = { id: string; area: ChildArea } | { id: string; expected: ExpectedActa };

/** The steps of a contest: its own levels, then the section and the acta. */
export function stepsOf(levels: readonly Level[]): Step[] {
  return [...levels, 'seccion', 'acta'];
}

/**
 * What stands right below `path` in a contest: areas, the sections of a unit whatever their runs,
 * or the actas of a section; none where `path` is not there. Throws a `TreeFault`.
 */
export async function choicesBelow(
  tree: Tree,
  manifest: Manifest,
  contest: string,
  path: readonly string[],
): Promise<Choice[]> {
  let here: AreaResults | Section | null = await rootOf(tree, manifest, contest);
  for (const id of path) {
    if (here?.kind !== 'area') return [];
    here = await childAt(tree, here, id);
  }
  if (here?.kind === 'section') return actasOf(here);
  if (!here) return [];
  const area = here;
  const listed = area.children.map(async (child) =>
    isRun(child) ? (await runAt(tree, child.object, area)).sections : [child],
  );
  return (await Promise.all(listed)).flat().map((area) => ({ id: idOf(area.path), area }));
}

function actasOf({ run: { expected }, index }: Section): Choice[] {
  const first = expected.actas.slice(0, index).reduce((sum, actas) => sum + actas, 0);
  return Array.from({ length: expected.actas[index]! }, (_, position) => {
    const own = expectedAt(expected.expected, first + position);
    return { id: own.id, expected: own };
  });
}
