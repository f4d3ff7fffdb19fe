/** Groups of actas that are told apart; the same rule as `openprep.election.groups`. */

import { shareOf } from './format';
import type { ActaGroup, CasillaKind, ExpectedActa, PublishedContest, Votes } from '../tree/wire';
import type { AreaResults, GroupResults } from '../tree/results';

const BY_KIND: Partial<Record<CasillaKind, ActaGroup>> = {
  S: 'especial',
  M: 'extranjero',
  A: 'anticipado',
  P: 'prision_preventiva',
  U: 'urna_electronica',
};
export const GROUPS: readonly ActaGroup[] = ['urbana', 'no_urbana', ...Object.values(BY_KIND)];

export function isGroup(text: string): text is ActaGroup {
  return (GROUPS as readonly string[]).includes(text);
}

/** The groups of an acta: by its location, then by its kind if that has one. */
export function groupsOf({ location, kind }: Pick<ExpectedActa, 'location' | 'kind'>): ActaGroup[] {
  const modality = BY_KIND[kind];
  const located = location === 1 ? 'urbana' : 'no_urbana';
  return modality ? [located, modality] : [located];
}

/** Whether the votes of the contest's actas of proportional representation, or of this acta, enter no total. */
export function leavesOut(
  contest: Pick<PublishedContest, 'rp_actas' | 'rp_tipos'>,
  acta?: ExpectedActa,
): boolean {
  if (contest.rp_actas !== 'entity_only') return false;
  return acta ? contest.rp_tipos.includes(acta.tipo_acta) : contest.rp_tipos.length > 0;
}

/** A group's votes as those of its area are shown: the same candidacies, its own shares. */
export function votesOf({ votes }: AreaResults, group: GroupResults): Votes {
  return {
    ...group,
    columns: [],
    candidacies: votes.candidacies.map((candidacy, index) => {
      const own = group.candidacies[index] ?? 0;
      return { ...candidacy, votes: own, share: shareOf(own, group.total) };
    }),
  };
}
