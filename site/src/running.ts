import type { Candidacy, PublishedContest } from './wire';

const ANYWHERE = '*';

/** Who runs in the unit at `path` or above it; empty above the units of a contest with many. */
export function runningIn(contest: PublishedContest, path: string): Candidacy[] {
  const unit = path.split('/').slice(0, contest.levels.length).join('/');
  return contest.candidacies[unit] ?? contest.candidacies[ANYWHERE] ?? [];
}
