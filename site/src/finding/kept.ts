/** Sections that the reader keeps on this device, each with its place in every contest. */

import { recall, remember } from '../shown/session.svelte';
import type { Place } from './sections';

/** A section's own name within the election: its entity, where there are several, and its number. */
export function seccionOf({ path }: Place): string {
  const steps = path.split('/');
  return [steps.at(-3) ?? '', steps.at(-1)].join('/');
}

/** The places, by section, in the order in which they were kept. */
export function bySeccion(places: readonly Place[]): Place[][] {
  const groups = new Map<string, Place[]>();
  for (const place of places) {
    const name = seccionOf(place);
    groups.set(name, [...(groups.get(name) ?? []), place]);
  }
  return [...groups.values()];
}

/** What is kept of an election; what cannot be read is nothing. */
export function recallKept(election: string): Place[] {
  try {
    const list: unknown = JSON.parse(recall(`kept.${election}`) ?? '[]');
    return Array.isArray(list) ? list.filter(isPlace) : [];
  } catch {
    return [];
  }
}

function isPlace(kept: Partial<Place> | null): kept is Place {
  return [kept?.contest, kept?.path, kept?.title, kept?.unit].every(
    (word) => typeof word === 'string',
  );
}

export function rememberKept(election: string, places: readonly Place[]): void {
  remember(`kept.${election}`, JSON.stringify(places));
}
