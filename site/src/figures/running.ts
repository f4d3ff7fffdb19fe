import type { Candidacy, PublishedContest } from '../tree/wire';

/** A contest with who runs in each unit of it. */
export interface Contest extends PublishedContest {
  candidacies: Record<string, Candidacy[]>;
}

/** Keys of all who run anywhere, in order of their first column: the same order in every area. */
export function contendersOf(contest: Contest): string[] {
  const order = new Map(contest.columns.map((column, index) => [column.id, index]));
  const first = new Map<string, number>();
  for (const { key, columns } of Object.values(contest.candidacies).flat()) {
    const position = Math.min(...columns.map((column) => order.get(column) ?? Infinity));
    first.set(key, Math.min(position, first.get(key) ?? Infinity));
  }
  return [...first].sort(([a, i], [b, j]) => i - j || (a < b ? -1 : 1)).map(([key]) => key);
}

const ANYWHERE = '*';

/** Who runs at `path`, as declared there or above; empty above the areas where they differ. */
export function runningIn(contest: Contest, path: string): Candidacy[] {
  for (let area = path; area !== ''; area = area.slice(0, Math.max(0, area.lastIndexOf('/')))) {
    const own = contest.candidacies[area];
    if (own) return own;
  }
  return contest.candidacies[ANYWHERE] ?? [];
}
