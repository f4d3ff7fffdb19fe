import { expect, test } from 'vitest';
import { nextDelay } from '../../src/tree/follow';

test('news is asked for every few seconds, spread among readers', () => {
  expect(nextDelay(0, 0)).toBe(4000);
  expect(nextDelay(0, 1)).toBe(6000);
});

test('failures back off, up to a minute or so', () => {
  const waits = [1, 2, 3, 4, 20].map((failures) => nextDelay(failures, 0.5));
  expect(waits).toEqual([10000, 20000, 40000, 60000, 60000]);
});
