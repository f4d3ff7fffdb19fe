import { expect, test } from 'vitest';
import {
  frameAround,
  outlineOf,
  sheetOf,
  towards,
  type Outlines,
  type Point,
} from '../../src/map/outlines';
import type { ChildArea } from '../../src/tree/results';

test('a frame holds every ring of every path', () => {
  const frame = frameAround(['M10 20l100 0 0 50-100-20z', 'M0 0l5 5 5-5zM200 10l0 90-5 0z']);
  expect(frame).toEqual([-4, -4, 208, 108]);
});

test('a district is drawn by its entity and number, whatever stands above', () => {
  const outline = { d: 'M0 0l1 1z', at: [0, 0] as Point };
  const outlines = { box: [1, 1], areas: { '21/05': outline, '21': outline } } as Outlines;
  const area = (level: string, path: string) => ({ level, path }) as ChildArea;
  expect(outlineOf(outlines, area('district', '4/21/05'))).toBe(outline);
  expect(outlineOf(outlines, area('district', '21/05'))).toBe(outline);
  expect(outlineOf(outlines, area('entity', '4/21'))).toBe(outline);
  expect(outlineOf(outlines, area('district', '21/000'))).toBeUndefined();
});

test('arrows lead to the nearest that way', () => {
  const middles: Point[] = [
    [0, 0],
    [10, 1],
    [30, 0],
    [0, 20],
    [2, -8],
  ];
  const from = (key: string) => towards(middles, 0, key);
  expect(from('ArrowRight')).toBe(1);
  expect(from('ArrowDown')).toBe(3);
  expect(from('ArrowUp')).toBe(4);
  expect(from('ArrowLeft')).toBeNull();
  expect(from('End')).toBe(4);
  expect(towards(middles, 2, 'Home')).toBe(0);
  expect(from('Enter')).toBeNull();
});

test('districts are drawn on those of the year that the election says, or not at all', () => {
  expect(sheetOf('district', 2017)).toBe('districts-2017');
  expect(sheetOf('district', 2023)).toBe('districts-2023');
  expect(sheetOf('district', 2005)).toBeNull();
  expect(sheetOf('district', null)).toBeNull();
  expect(sheetOf('entity', null)).toBe('entities');
  expect(sheetOf('municipality', 2023)).toBeNull();
});
