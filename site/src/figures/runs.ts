/** Runs: lists of neighbouring sections between a unit and its sections. They are no geography. */

import type { AreaName } from '../tree/wire';
import type { ChildArea } from '../tree/results';

const LONGEST_ID = 4;

/** Whether an area is a run, which no address, breadcrumb or listing of levels names. */
export function isRun({ level }: Pick<AreaName, 'level'>): boolean {
  return level === 'secciones';
}

/** First and last section of a run, by its path: `01/05/0338-0355`. */
export function boundsOf(path: string): [string, string] {
  const [first = '', last = ''] = path.slice(path.lastIndexOf('/') + 1).split('-');
  return [first, last];
}

/** The run that would hold the section `id`, whether or not there is such a section. */
export function runWith(areas: readonly ChildArea[], id: string): ChildArea | undefined {
  return areas.find((area) => {
    const [first, last] = boundsOf(area.path);
    return isRun(area) && first <= id && id <= last;
  });
}

/** A section's id as people type it, without leading zeros; `null` if it cannot be one. */
export function seccionId(typed: string): string | null {
  const digits = typed.trim();
  return /^\d{1,4}$/.test(digits) ? digits.padStart(LONGEST_ID, '0') : null;
}
