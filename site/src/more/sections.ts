/** Finding a section by its number: which unit of each contest has it. */

import { childAt } from '../resolve';
import { runWith } from '../runs';
import type { Tree } from '../tree';
import type { AreaResults, ChildArea, Manifest, Ref } from '../wire';

export interface Place {
  contest: string;
  title: string;
  path: string;
  unit: string;
}

const ABOVE_UNITS: ReadonlySet<string> = new Set(['circunscripcion', 'entity', 'district', 'municipality']);

/** Areas of a contest at its units' level, all or those of an entity. */
async function unitsOf(tree: Tree, root: Ref, entity: string): Promise<AreaResults[]> {
  const area = await tree.object(root, ['area']);
  const below = area.children.filter((child) => ABOVE_UNITS.has(child.level) && isOf(child, entity));
  if (below.length === 0) return area.children.some(({ level }) => level === 'secciones') ? [area] : [];
  return (await Promise.all(below.map(({ object }) => unitsOf(tree, object, entity)))).flat();
}

function isOf({ level, path }: ChildArea, entity: string): boolean {
  return entity === '' || level !== 'entity' || path.slice(path.lastIndexOf('/') + 1) === entity;
}

/** Where the section stands in each contest; `entity` is empty where the election is of one. */
export async function placesOf(tree: Tree, manifest: Manifest, entity: string, id: string): Promise<Place[]> {
  const found = manifest.contests.map(async (contest): Promise<Place[]> => {
    const units = await unitsOf(tree, contest.results, entity);
    const likely = units.filter((unit) => runWith(unit.children, id));
    const places = likely.map(async (unit): Promise<Place[]> => {
      const path = unit.path ? `${unit.path}/${id}` : id;
      const there = await childAt(tree, unit, path.split('/'));
      return there ? [{ contest: contest.id, title: contest.title, path, unit: unit.name }] : [];
    });
    return (await Promise.all(places)).flat();
  });
  return (await Promise.all(found)).flat();
}
