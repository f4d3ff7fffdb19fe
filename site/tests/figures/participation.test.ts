/** No participation without its reason: why there is none, and why it has more votes than people. */

import { expect, test } from 'vitest';
import type { Recount } from '../../src/check/recount/recount';
import { ContestTally, sheetOf } from '../../src/counting/tally';
import { differing, linesOf } from '../../src/check/recount/difference';
import { whyNone } from '../../src/figures/participation';
import { en } from '../../src/texts/en';
import { es } from '../../src/texts/es';
import type { CasillaKind, Participation, Summary } from '../../src/tree/wire';
import { CONTEST } from './contest';

function acta(kind: CasillaKind, lista: number, votes: number) {
  const expected = {
    kind,
    location: 1 as const,
    tipo_acta: '2',
    lista_nominal: lista,
    representatives: 20,
  };
  return { expected, sheet: sheetOf({ votes: [votes, 0] }) };
}

function counted(
  actas: ReturnType<typeof acta>[],
  participation: Participation,
  closing: boolean,
): ContestTally {
  const tally = new ContestTally(CONTEST, { participation, excess_exempt: ['S', 'M'] }, closing);
  for (const { expected, sheet } of actas) tally.add('01', expected, sheet);
  return tally;
}

const BASIC = acta('B', 100, 80);
const SPECIAL = acta('S', 0, 70);

test.each([
  [
    'special_casillas_in_last_cut',
    false,
    [BASIC, SPECIAL],
    800_000,
    { of: 'without_special', votes: 80, above: null },
  ],
  [
    'special_casillas_in_last_cut',
    true,
    [BASIC, SPECIAL],
    1_500_000,
    { of: 'with_special', votes: 150, above: 'without_list' },
  ],
  [
    'special_casillas_never',
    true,
    [BASIC, SPECIAL],
    800_000,
    { of: 'without_special', votes: 80, above: null },
  ],
  [
    'special_casillas_always',
    false,
    [BASIC, SPECIAL],
    1_500_000,
    { of: 'with_special', votes: 150, above: 'without_list' },
  ],
  [
    'special_casillas_never',
    true,
    [BASIC, acta('M', 0, 40)],
    1_200_000,
    { of: 'without_special', votes: 120, above: 'without_list' },
  ],
  [
    'special_casillas_never',
    true,
    [acta('B', 100, 115)],
    1_150_000,
    { of: 'without_special', votes: 115, above: 'beyond_list' },
  ],
  [
    'special_casillas_always',
    true,
    [SPECIAL],
    0,
    { of: 'with_special', votes: 70, above: 'without_list' },
  ],
] as const)(
  'the whole by the rule %s, last cut %s',
  (rule, closing, actas, participation, basis) => {
    const { summary } = counted([...actas], rule, closing).result();
    expect(summary.participation).toBe(participation);
    expect(summary.basis).toEqual(basis);
  },
);

test.each([
  ['of', 'with_list'],
  ['votes', 81],
  ['above', null],
] as const)('a published participation made otherwise is told: %s', (name, lie) => {
  const found = counted([BASIC, SPECIAL], 'special_casillas_in_last_cut', true).result();
  const {
    summary,
    columns,
    candidacies,
    parties,
    total,
    unregistered,
    null: nobody,
    off_ballot,
  } = found;
  const votes = { columns, candidacies, total, unregistered, null: nobody, off_ballot };
  const lying = { ...summary, basis: { ...summary.basis, [name]: lie } };
  const told = differing(
    linesOf({
      cut: { summary: lying, votes },
      published: { parties, groups: [], children: [] },
      recounted: { ...found, groups: new Map() },
    } as unknown as Recount),
  );
  expect(told.map((line) => [line.of, line.name])).toEqual([['basis', name]]);
});

test('below the whole special casillas never enter it, and there is none of no list', () => {
  const both = counted([BASIC, SPECIAL], 'special_casillas_always', true).summaryOfArea();
  expect(both).toMatchObject({
    participation: 800_000,
    basis: { of: 'with_list', votes: 80, above: null },
  });
  const special = counted([SPECIAL], 'special_casillas_always', true).summaryOfArea();
  expect(special.participation).toBe(null);
});

test.each([es, en])('where there is none it is said why', (texts) => {
  const none = {
    participation: null,
    counted: 1,
    votes_with_special: 5,
    votes_without_special: 5,
  } as Summary;
  expect(whyNone({ ...none, participation: 0 }, texts)).toBeNull();
  expect(whyNone({ ...none, counted: 0 }, texts)).toBe(texts.whyNoParticipation.uncounted);
  expect(whyNone({ ...none, votes_with_special: 9 }, texts)).toBe(texts.whyNoParticipation.special);
  expect(whyNone(none, texts)).toBe(texts.whyNoParticipation.listless);
});
