/** What a contest says beside what its actas come to, line by line. */

import type { AreaResults, Summary } from '../wire';
import type { Recounted } from './tally';

export interface Line {
  /** Which figure: `summary` (one of the 13), or votes of a column, candidacy, party, or others. */
  of: 'summary' | 'candidacy' | 'party' | 'column' | 'other';
  name: string;
  published: number;
  recounted: number;
}

/** Every figure of the root, as published and as recounted. What one of both lacks is -1 there. */
export function linesOf({ summary, votes, parties }: AreaResults, found: Recounted): Line[] {
  const others = ['total', 'unregistered', 'null', 'off_ballot'] as const;
  return [
    ...(Object.keys(found.summary) as (keyof Summary)[]).map((name) => ({
      of: 'summary' as const,
      name,
      published: summary[name],
      recounted: found.summary[name],
    })),
    ...paired('candidacy', votesBy(votes.candidacies, 'key'), votesBy(found.candidacies, 'key')),
    ...others.map((name) => ({
      of: 'other' as const,
      name,
      published: votes[name],
      recounted: found[name],
    })),
    ...paired('party', votesBy(parties, 'party'), votesBy(found.parties, 'party')),
    ...paired('column', numbered(votes.columns), numbered(found.columns)),
  ];
}

function votesBy<Name extends string>(
  list: readonly ({ votes: number } & Record<Name, string>)[],
  name: Name,
): Map<string, number> {
  return new Map(list.map((one) => [one[name], one.votes]));
}

function numbered(columns: readonly number[]): Map<string, number> {
  return new Map(columns.map((votes, index) => [String(index), votes]));
}

function paired(
  of: Line['of'],
  published: ReadonlyMap<string, number>,
  recounted: ReadonlyMap<string, number>,
): Line[] {
  const names = new Set([...published.keys(), ...recounted.keys()]);
  return [...names].map((name) => ({
    of,
    name,
    published: published.get(name) ?? -1,
    recounted: recounted.get(name) ?? -1,
  }));
}

export function differing(lines: readonly Line[]): Line[] {
  return lines.filter(({ published, recounted }) => published !== recounted);
}
