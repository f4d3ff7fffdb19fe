import { expect, test } from 'vitest';
import { placesOf } from '../../src/figures/places';
import { contendersOf, runningIn, type Contest } from '../../src/figures/running';
import type { CandidacyVotes } from '../../src/tree/wire';

function votes(counts: Record<string, number>): CandidacyVotes[] {
  return Object.entries(counts).map(([key, own]) => ({ key, votes: own }) as CandidacyVotes);
}

test.each([
  [
    { A: 3, B: 9, C: 5 },
    { first: 'B', second: 'C' },
  ],
  [
    { A: 9, B: 9, C: 5 },
    { first: null, second: null },
  ],
  [
    { A: 9, B: 5, C: 5 },
    { first: 'A', second: null },
  ],
  [
    { A: 9, B: 0 },
    { first: 'A', second: null },
  ],
  [
    { A: 0, B: 0 },
    { first: null, second: null },
  ],
  [{ A: 1 }, { first: 'A', second: null }],
  [{}, { first: null, second: null }],
])('places of %o', (counts, places) => {
  expect(placesOf(votes(counts))).toEqual(places);
});

const contest = {
  levels: ['entity', 'district'],
  columns: [{ id: 'PAN' }, { id: 'PRI' }, { id: 'MC' }],
  candidacies: {
    '01': [
      { key: 'MC', columns: ['MC'] },
      { key: 'PAN_PRI', columns: ['PRI', 'PAN'] },
    ],
    '02': [
      { key: 'PAN', columns: ['PAN'] },
      { key: 'PRI', columns: ['PRI'] },
    ],
  },
} as unknown as Contest;

test('who runs in a district is declared for its entity', () => {
  expect(runningIn(contest, '01/05/0423').map(({ key }) => key)).toEqual(['MC', 'PAN_PRI']);
  expect(runningIn(contest, '03')).toEqual([]);
  expect(runningIn(contest, '')).toEqual([]);
});

test('contenders stand in ballot order, the same everywhere', () => {
  expect(contendersOf(contest)).toEqual(['PAN', 'PAN_PRI', 'PRI', 'MC']);
});
