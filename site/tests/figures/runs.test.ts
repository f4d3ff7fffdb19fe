import { expect, test } from 'vitest';
import { boundsOf, runWith, seccionId } from '../../src/figures/runs';
import type { ChildArea } from '../../src/tree/results';

const runs = ['21/05/0000-0421', '21/05/0422-0662', '21/05/0663-0663'].map(
  (path) => ({ level: 'secciones', path }) as ChildArea,
);

test('a section is sought in the run between whose bounds it falls', () => {
  for (const [id, position] of [
    ['0000', 0],
    ['0421', 0],
    ['0422', 1],
    ['0500', 1],
    ['0663', 2],
  ] as const) {
    expect(runWith(runs, id)).toBe(runs[position]);
  }
  expect(runWith(runs, '0664')).toBeUndefined();
});

test('areas that are no runs hold no section', () => {
  expect(runWith([{ level: 'district', path: '21/05' } as ChildArea], '05')).toBeUndefined();
});

test('a run says its first and last section', () => {
  expect(boundsOf('21/05/0422-0662')).toEqual(['0422', '0662']);
  expect(boundsOf('0001-0016')).toEqual(['0001', '0016']);
});

test('a number is typed as people say it', () => {
  expect(['7', ' 0345 ', '1234'].map(seccionId)).toEqual(['0007', '0345', '1234']);
  for (const typed of ['', '12345', '-1', '3.5', 'x', '１２']) expect(seccionId(typed)).toBeNull();
});
