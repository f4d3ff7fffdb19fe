import { expect, test } from 'vitest';
import { rotationOf, rowsIn } from '../../src/screen/screen';

test('rows never need more room than there is', () => {
  for (const tall of [480, 720, 1080, 2160]) {
    for (const room of [0, 40, 200, tall * 0.7]) {
      for (const all of [1, 6, 12, 300]) {
        const { rows, height } = rowsIn(room, tall, all);
        expect(rows).toBeLessThanOrEqual(all);
        expect(rows * height).toBeLessThanOrEqual(room);
      }
    }
  }
});

test('all that can be read from across a room are shown', () => {
  expect(rowsIn(800, 1080, 6).rows).toBe(6);
  expect(rowsIn(800, 1080, 300).rows).toBe(8);
});

test('a rotation takes from five seconds to an hour', () => {
  expect(['5', '20', '3600'].map(rotationOf)).toEqual([5, 20, 3600]);
  expect(['', '4', '0', '-5', '3601', '1e3', '20s', ' 20'].map(rotationOf)).toEqual(
    Array(8).fill(null),
  );
});
