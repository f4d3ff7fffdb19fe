/**
 * Which units to ask next for a section. Neighbours in number are mostly neighbours in the list of
 * units, so what was read tells where to look first. It decides the order and never the answer.
 */

/** The sections that a run goes from and to, and those in it where they are known. */
export interface Numbers {
  first: string;
  last: string;
  sections: readonly string[] | null;
}

/** Between which of the units the section would be, by the nearest sections that are known of each. */
export function bracketOf(units: readonly (readonly Numbers[])[], id: string): [number, number] {
  let [low, below] = ['', -1];
  let [high, above] = ['\uffff', units.length];
  for (const [index, runs] of units.entries()) {
    for (const section of runs.flatMap(({ first, last, sections }) => sections ?? [first, last])) {
      if (section < id && section > low) [low, below] = [section, index];
      if (section > id && section < high) [high, above] = [section, index];
    }
  }
  return below < above ? [below, above] : [above, below];
}

/** Of the unread units those to ask now, at most so many: spread over the bracket, then the nearest to it. */
export function likeliest(
  unread: readonly number[],
  [from, to]: readonly [number, number],
  most: number,
): number[] {
  const within = unread.filter((index) => from < index && index < to);
  if (within.length > most) {
    return Array.from(
      { length: most },
      (_, at) => within[Math.floor(((at + 1) * within.length) / (most + 1))]!,
    );
  }
  const away = (index: number) => Math.abs(2 * index - from - to);
  const beyond = unread
    .filter((index) => !within.includes(index))
    .toSorted((a, b) => away(a) - away(b));
  return [...within, ...beyond].slice(0, most);
}
