import type { CandidacyVotes } from '../tree/wire';

/** Who comes first and second, by key; `null` while there is no vote or a tie for the place. */
export interface Places {
  first: string | null;
  second: string | null;
}

/** The places of an area that elects; the same rule as `openprep.cuts.composing`. */
export function placesOf(candidacies: readonly CandidacyVotes[]): Places {
  const [one, two, three] = candidacies.toSorted((a, b) => b.votes - a.votes);
  const first = before(one, two) ? one!.key : null;
  return { first, second: first !== null && before(two, three) ? two!.key : null };
}

function before(one: CandidacyVotes | undefined, next: CandidacyVotes | undefined): boolean {
  return (one?.votes ?? 0) > (next?.votes ?? 0);
}
