/** What can be chosen at each step from a contest down to one acta, as the tree lists it. */

import { childAt } from '../address/resolve';
import { isRun } from './runs';
import { idOf } from '../address/title';
import type { Tree } from '../tree/tree';
import type {
  AreaResults,
  ChildArea,
  Level,
  PublishedActa,
  Ref,
  SeccionResults,
} from '../tree/wire';

export type Step = Level | 'acta';

/** A choice by the id that stands for it in an address. */
export type Choice = { id: string; area: ChildArea } | { id: string; acta: PublishedActa };

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
  results: Ref,
  path: readonly string[],
): Promise<Choice[]> {
  let here: AreaResults | SeccionResults | null = await tree.object(results, ['area']);
  for (const depth of path.keys()) {
    if (here?.kind !== 'area') return [];
    here = await childAt(tree, here, path.slice(0, depth + 1));
  }
  if (here?.kind === 'seccion') return here.actas.map((acta) => ({ id: acta.expected.id, acta }));
  const listed = (here?.children ?? []).map(async (child) =>
    isRun(child) ? (await tree.object(child.object, ['area'])).children : [child],
  );
  return (await Promise.all(listed)).flat().map((area) => ({ id: idOf(area.path), area }));
}
