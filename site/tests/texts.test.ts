import { describe, expect, test } from 'vitest';
import { reasonOf } from '../src/acta';
import { en } from '../src/texts/en';
import { es } from '../src/texts/es';
import type { PublishedActa, PublishedContest } from '../src/wire';

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
