/** What a contest says beside what its actas come to, line by line. */

import { GROUPS, votesOf } from '../../figures/groups';
import type {
  AboveList,
  ActaGroup,
  Basis,
  Figure,
  Summary,
  Votes,
  VotesOverList,
} from '../../tree/wire';
import type { AreaResults, ChildArea, GroupResults } from '../../tree/results';
import type { Recounted, RecountedGroup, RecountedVotes } from '../../counting/tally';
import type { PlaceCounted, Recount } from './recount';

export interface Line {
  /**
   * Which figure: `summary` (one of the 13), `basis` (of its participation: words by their place in
   * `OVER_LIST` and `ABOVE_LIST`), votes of a column, candidacy, party, or others, or of a place below.
   */
  of: 'summary' | 'basis' | 'candidacy' | 'party' | 'column' | 'other' | 'place';
  name: string;
  /** Of which group of actas; of all, if not given. */
  group?: ActaGroup;
  /** Of which area below the root. */
  place?: ChildArea;
  published: number;
  recounted: number;
}

/** Every figure of the contest, as published and as recounted. What one of both lacks is -1 there. */
export function linesOf({ cut, published, recounted, places }: Recount): Line[] {
  const { summary, votes } = cut;
  return [
    ...pairedBy('summary', figuresOf(recounted.summary), summary, recounted.summary),
    ...pairedBy('basis', BASIS, numbersOf(summary.basis), numbersOf(recounted.summary.basis)),
    ...linesOfVotes(votes, recounted),
    ...paired('column', numbered(votes.columns), numbered(recounted.columns)),
    ...(published ? linesOfResults(published, recounted, places) : []),
  ];
}

/** What the manifest does not say: parties, groups of actas, and the areas below. */
function linesOfResults(
  root: AreaResults,
  found: Recounted,
  places: ReadonlyMap<string, PlaceCounted>,
): Line[] {
  return [
    ...paired('party', votesBy(root.parties, 'party'), votesBy(found.parties, 'party')),
    ...GROUPS.flatMap((group) => linesOfGroup(root, group, found.groups.get(group))),
    ...root.children.flatMap((child) => linesOfPlace(child, places.get(child.path))),
  ];
}

const PLACE = ['captured', 'counted', 'total', 'leader_votes'] as const;

function linesOfPlace(child: ChildArea, found: PlaceCounted | undefined): Line[] {
  if (!found) return [];
  return pairedBy('place', PLACE, child, found).map((line) => ({ ...line, place: child }));
}

export const OVER_LIST: readonly VotesOverList[] = ['with_special', 'without_special', 'with_list'];
export const ABOVE_LIST: readonly AboveList[] = ['without_list', 'beyond_list'];
export const BASIS = ['of', 'votes', 'above'] as const;

function figuresOf({ basis: _, ...figures }: Summary): Figure[] {
  return Object.keys(figures) as Figure[];
}

function numbersOf({ of, votes, above }: Basis): Record<(typeof BASIS)[number], number> {
  return {
    of: OVER_LIST.indexOf(of),
    votes,
    above: above === null ? -1 : ABOVE_LIST.indexOf(above),
  };
}

const OTHERS = ['total', 'unregistered', 'null', 'off_ballot'] as const;
const ACTAS = ['expected', 'captured', 'counted', 'lista_nominal'] as const;
const WITH_LIST = ['votes_with_list'] as const;

function linesOfVotes(votes: Votes | null, found: RecountedVotes | undefined): Line[] {
  return [
    ...paired(
      'candidacy',
      votesBy(votes?.candidacies ?? [], 'key'),
      votesBy(found?.candidacies ?? [], 'key'),
    ),
    ...pairedBy('other', OTHERS, votes, found),
  ];
}

/** A group that neither has is told by no line. */
function linesOfGroup(
  root: AreaResults,
  group: ActaGroup,
  found: RecountedGroup | undefined,
): Line[] {
  const own: GroupResults | undefined = root.groups.find((figures) => figures.group === group);
  if (!own && !found) return [];
  const lines = [
    ...pairedBy('summary', ACTAS, own, found),
    ...pairedBy('other', WITH_LIST, own, found),
    ...linesOfVotes(own ? votesOf(root, own) : null, found),
  ];
  return lines.map((line) => ({ ...line, group }));
}

function pairedBy<Name extends string>(
  of: Line['of'],
  names: readonly Name[],
  published: Record<Name, number | null> | null | undefined,
  recounted: Record<Name, number | null> | undefined,
): Line[] {
  return names.map((name) => ({
    of,
    name,
    published: published?.[name] ?? -1,
    recounted: recounted?.[name] ?? -1,
  }));
}

function votesBy<Name extends string>(
  list: readonly ({ votes: number } & Record<Name, string>)[],
  name: Name,
): Map<string, number> {
  return new Map(list.map((row) => [row[name], row.votes]));
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
