import { expect, test } from 'vitest';
import { differing, linesOf } from '../../src/check/recount/difference';
import { ContestTally } from '../../src/check/recount/tally';
import { GROUPS, groupsOf, isGroup, votesOf } from '../../src/figures/groups';
import type { AreaResults, GroupResults } from '../../src/tree/results';
import type { CasillaKind, PublishedRules } from '../../src/tree/wire';
import type { PublishedActa } from '../../src/tree/seccion';
import { CONTEST } from './contest';

const RULES: PublishedRules = {
  participation: 'special_casillas_in_last_cut',
  excess_exempt: ['S'],
};

function acta(id: string, kind: CasillaKind, votes: number[]): PublishedActa {
  const expected = {
    id,
    kind,
    location: 1,
    tipo_acta: '2',
    lista_nominal: kind === 'S' ? 0 : 500,
    representatives: null,
  };
  const total = votes.reduce((sum, own) => sum + own, 0);
  return {
    expected,
    counting: 1,
    total,
    acta: { contest: 'X', acta: id, votes },
    versions: [],
  } as unknown as PublishedActa;
}

function published(): AreaResults {
  const tally = new ContestTally(CONTEST, RULES, false);
  tally.add('01', acta('a', 'B', [30, 2]));
  tally.add('01', acta('b', 'S', [7, 1]));
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
  } = tally.result();
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
  return { summary, votes, parties, groups: told as GroupResults[] } as unknown as AreaResults;
}

function recounted() {
  const tally = new ContestTally(CONTEST, RULES, false);
  tally.add('01', acta('a', 'B', [30, 2]));
  tally.add('01', acta('b', 'S', [7, 1]));
  return tally.result();
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
  expect(differing(linesOf(published(), recounted()))).toEqual([]);
});

test.each(['expected', 'captured', 'counted', 'lista_nominal', 'total', 'null'] as const)(
  'a group with another figure is told by it and by its group (%s)',
  (name) => {
    const area = published();
    area.groups.find(({ group }) => group === 'especial')![name] += 1;
    expect(differing(linesOf(area, recounted()))).toMatchObject([{ group: 'especial', name }]);
  },
);

test('votes moved between the candidacies of a group are told', () => {
  const area = published();
  area.groups[0]!.candidacies[0]! -= 1;
  expect(differing(linesOf(area, recounted()))).toMatchObject([
    { of: 'candidacy', name: 'A', group: 'urbana' },
  ]);
});

test('a group that is left out, or made up, is told', () => {
  const without = published();
  without.groups.pop();
  expect(
    differing(linesOf(without, recounted())).every(
      ({ group, published }) => group === 'especial' && published === -1,
    ),
  ).toBe(true);
  expect(differing(linesOf(without, recounted()))).not.toEqual([]);
  const more = published();
  more.groups.push({ ...more.groups[0]!, group: 'extranjero' });
  expect(differing(linesOf(more, recounted()))).not.toEqual([]);
});
