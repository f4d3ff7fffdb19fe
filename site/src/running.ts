import type { Candidacy, PublishedContest } from './wire';

const ANYWHERE = '*';

/** Who runs at `path`, as declared there or above; empty above the areas where they differ. */
export function runningIn(contest: PublishedContest, path: string): Candidacy[] {
  for (let area = path; area !== ''; area = area.slice(0, Math.max(0, area.lastIndexOf('/')))) {
    const own = contest.candidacies[area];
    if (own) return own;
  }
  return contest.candidacies[ANYWHERE] ?? [];
}
