import { expect, test } from 'vitest';
import { chosenCuts, stepsOf } from '../../src/history/night';

test('a chart draws every cut of a short night and an even choice of a long one', () => {
  expect(chosenCuts(3)).toEqual([0, 1, 2, 3]);
  const chosen = chosenCuts(10_000, 36);
  expect(chosen).toHaveLength(36);
  expect([chosen[0], chosen.at(-1)]).toEqual([0, 10_000]);
});

test('a line is drawn in steps: between two cuts nothing is known', () => {
  expect(
    stepsOf(
      [
        { at: 0, value: 0 },
        { at: 10, value: 5 },
      ],
      0,
      10,
      10,
      100,
      50,
    ),
  ).toBe('M0 50H100V25');
});
