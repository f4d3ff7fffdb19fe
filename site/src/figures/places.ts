import type { CandidacyVotes } from '../tree/wire';

/** Who comes first and second, by key; `null` while there is no vote or a tie for the place. */
export interface Places {
  first: string | null;
  second: string | null;
}

/** The places of an area that elects; the same rule as `openprep.cuts.composing`. */
export function placesOf(candidacies: readonly CandidacyVotes[]): Places {
  const [highest, second, third] = candidacies.toSorted((a, b) => b.votes - a.votes);
  const first = isAhead(highest, second) ? highest!.key : null;
  return { first, second: first !== null && isAhead(second, third) ? second!.key : null };
}

function isAhead(candidacy: CandidacyVotes | undefined, next: CandidacyVotes | undefined): boolean {
  return (candidacy?.votes ?? 0) > (next?.votes ?? 0);
}
