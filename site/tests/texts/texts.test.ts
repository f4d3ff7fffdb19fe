import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reasonOf } from '../../src/figures/acta';
import type { Language } from '../../src/texts';
import { en } from '../../src/texts/en';
import { es } from '../../src/texts/es';
import { esFirst } from '../../src/texts/es.first';
import type { PublishedActa } from '../../src/tree/seccion';
import type { PublishedContest } from '../../src/tree/wire';

describe('a casilla is named so that nobody takes one for another', () => {
  test.each([
    ['B', 1, 0, 'Básica'],
    ['C', 1, 0, 'Contigua 1'],
    ['C', 12, 0, 'Contigua 12'],
    ['E', 1, 0, 'Extraordinaria 1'],
    ['E', 1, 2, 'Extraordinaria 1 contigua 2'],
    ['S', 2, 0, 'Especial 2'],
    ['M', 0, 0, 'Mesa del voto en el extranjero'],
    ['A', 1, 0, 'Mesa de voto anticipado 1'],
    ['P', 1, 0, 'Mesa de voto en prisión preventiva 1'],
  ] as const)('%s %i %i', (kind, number, extension, name) => {
    expect(es.casilla(kind, number, extension)).toBe(name);
  });
});

test('both languages say the same figures', () => {
  const summary = { captured: 8259, counted: 6848, expected: 8334 } as never;
  for (const texts of [es, en]) {
    const spoken = texts.spokenFigures('GUB', summary);
    for (const figure of ['8,259', '6,848', '8,334']) expect(spoken).toContain(figure);
  }
});

test('an RP acta that enters no total says so', () => {
  const acta = { counting: 1, expected: { tipo_acta: '3ERP' }, acta: {} } as PublishedActa;
  const contest = { rp_tipos: ['3ERP'], rp_actas: 'entity_only' } as PublishedContest;
  expect(reasonOf(acta, contest, es)).toBe(es.countingReasons.entityOnly);
  expect(reasonOf(acta, { ...contest, rp_actas: 'counted' }, es)).toBe(es.countingReasons.counted);
});

test('an excess in a special casilla is over its ballots, not over a list it does not have', () => {
  const acta = {
    counting: 0,
    total: 1001,
    expected: { kind: 'S', lista_nominal: 0, representatives: 1000, tipo_acta: '2E' },
    acta: { votes: [1001], observations: ['excede_lista_nominal'] },
  } as unknown as PublishedActa;
  expect(reasonOf(acta, { rp_tipos: [] } as never, es)).toContain('1,000 boletas');
});

/** What a text consists of, whatever it says: the parts of its parts, and how many a list has. */
function shapeOf(text: unknown): unknown {
  if (typeof text !== 'object' || text === null) return typeof text;
  if (Array.isArray(text)) return text.map(shapeOf);
  return Object.fromEntries(Object.entries(text).map(([key, part]) => [key, shapeOf(part)]));
}

const OF_VIEWS = import.meta.glob<Record<string, Record<Language, unknown>>>(
  '../../src/texts/views/*.ts',
  { eager: true },
);

test('of every view that is fetched both languages say as much', () => {
  const texts = Object.values(OF_VIEWS).flatMap((module) => Object.values(module));
  expect(texts.length).toBeGreaterThan(10);
  for (const { es, en } of texts) expect(shapeOf(en)).toEqual(shapeOf(es));
});

/** Files of the page that come with the first view: what `main.ts` imports, and what that imports. */
function filesOfFirstView(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(
    /^\s*import (?!type)[^;]*? from '(\.[^'?]+)';/gm,
  )) {
    const target = resolve(dirname(file), path!);
    const name = ['', '.ts', '.svelte', '/index.ts']
      .map((end) => target + end)
      .find((one) => /\.(ts|svelte)$/.test(one) && existsSync(one));
    if (name) filesOfFirstView(name, found);
  }
  return found;
}

test('the first view says nothing whose words come later', () => {
  const files = [...filesOfFirstView(resolve('src/main.ts'))].filter(
    (file) => !file.includes('/texts/'),
  );
  expect(files.length).toBeGreaterThan(20);
  const said = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\b(?:t|[tT]exts)\.(\w+)/g)].map(([, key]) => key!),
  );
  expect(said).toContain('aboutTitle');
  expect(said.filter((key) => Object.hasOwn(es, key) && !Object.hasOwn(esFirst, key))).toEqual([]);
});
