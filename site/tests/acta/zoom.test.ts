import { expect, test } from 'vitest';
import { clamped, MOST, STEP } from '../../src/acta/zoom';

test('an image is never smaller than its frame nor larger than its dots', () => {
  expect(clamped(0.2)).toBe(1);
  expect(clamped(1.01)).toBe(1);
  expect(clamped(STEP)).toBe(STEP);
  expect(clamped(100)).toBe(MOST);
});

test('as many steps out as in lead back to the whole image', () => {
  let zoom = 1;
  for (let step = 0; step < 20; step += 1) zoom = clamped(zoom * STEP);
  for (let step = 0; step < 20; step += 1) zoom = clamped(zoom / STEP);
  expect(zoom).toBe(1);
});
