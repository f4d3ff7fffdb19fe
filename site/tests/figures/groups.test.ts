import { expect, test } from 'vitest';
import { differing, linesOf } from '../../src/check/recount/difference';
import type { Recount } from '../../src/check/recount/recount';
import { ContestTally, sheetOf, type Declared } from '../../src/counting/tally';
import { GROUPS, groupsOf, isGroup, votesOf } from '../../src/figures/groups';
import type { AreaResults, GroupResults } from '../../src/tree/results';
import type { CasillaKind, PublishedRules } from '../../src/tree/wire';
import { CONTEST } from './contest';

const RULES: PublishedRules = {
  participation: 'special_casillas_in_last_cut',
  excess_exempt: ['S'],
};

const NOTHING = { location: 1, tipo_acta: '2', representatives: null } as const;

function counted(): ContestTally {
  const tally = new ContestTally(CONTEST, RULES, false);
  const add = (kind: CasillaKind, lista: number, votes: number[]): void => {
    const expected: Declared = { ...NOTHING, kind, lista_nominal: lista };
    tally.add('01', expected, sheetOf({ votes }));
  };
  add('B', 500, [30, 2]);
  add('S', 0, [7, 1]);
  return tally;
}

function published(): AreaResults {
  const {
    summary,
    columns,
    total,
    unregistered,
    null: nobody,
    off_ballot,
    candidacies,
    parties,
    groups,
  } = counted().result();
  const votes = {
    total,
    unregistered,
    null: nobody,
    off_ballot,
    columns,
    candidacies: candidacies.map((candidacy) => ({ ...candidacy, name: null, parties: ['A'] })),
  };
  const told = [...groups].map(([group, figures]) => ({
    ...figures,
    group,
    candidacies: figures.candidacies.map((each) => each.votes),
    secciones: [],
  }));
  const area = { summary, votes, parties, groups: told as GroupResults[], children: [] };
  return area as unknown as AreaResults;
}

function linesAgainst(published: AreaResults) {
  const { summary, votes } = published;
  const recounted = counted().result();
  return linesOf({
    cut: { summary, votes },
    published,
    recounted,
    places: new Map(),
  } as unknown as Recount);
}

test('every acta is of one place, and of one way of voting at most', () => {
  expect(groupsOf({ location: 1, kind: 'C' })).toEqual(['urbana']);
  expect(groupsOf({ location: 2, kind: 'P' })).toEqual(['no_urbana', 'prision_preventiva']);
  expect(GROUPS.every(isGroup)).toBe(true);
  expect(isGroup('marcianos')).toBe(false);
});

test('the shares of a group are of its own votes', () => {
  const area = published();
  const own = area.groups.find(({ group }) => group === 'especial')!;
  expect(votesOf(area, own).candidacies).toMatchObject([{ key: 'A', votes: 7, share: 875_000 }]);
});

test('a group that says what its actas say differs in nothing', () => {
  expect(differing(linesAgainst(published()))).toEqual([]);
});

test.each(['expected', 'captured', 'counted', 'lista_nominal', 'total', 'null'] as const)(
  'a group with another figure is told by it and by its group (%s)',
  (name) => {
    const area = published();
    area.groups.find(({ group }) => group === 'especial')![name] += 1;
    expect(differing(linesAgainst(area))).toMatchObject([{ group: 'especial', name }]);
  },
);

test('votes moved between the candidacies of a group are told', () => {
  const area = published();
  area.groups[0]!.candidacies[0]! -= 1;
  expect(differing(linesAgainst(area))).toMatchObject([
    { of: 'candidacy', name: 'A', group: 'urbana' },
  ]);
});

test('a group that is left out, or made up, is told', () => {
  const without = published();
  without.groups.pop();
  expect(
    differing(linesAgainst(without)).every(
      ({ group, published }) => group === 'especial' && published === -1,
    ),
  ).toBe(true);
  expect(differing(linesAgainst(without))).not.toEqual([]);
  const more = published();
  more.groups.push({ ...more.groups[0]!, group: 'extranjero' });
  expect(differing(linesAgainst(more))).not.toEqual([]);
});
