import { expect, test } from 'vitest';
import { cardOf } from '../../src/frame/card';
import { chosenCuts, stepsOf } from '../../src/more/night';
import { wordsIn } from '../../src/more/words';
import { addressOf, parseRoute, pastAddress } from '../../src/address/route';
import { reading } from '../../src/shown/reading.svelte';

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

test('a past cut has an address, and its links stay in it', () => {
  expect(parseRoute(pastAddress(7, '#/GUB/001'))).toEqual({
    view: 'past',
    cut: 7,
    of: { view: 'results', contest: 'GUB', path: ['001'], by: 'candidacy' },
  });
  for (const wrong of ['#/corte/', '#/corte/x/GUB', '#/corte/3/ayuda', '#/corte/3/corte/2'])
    expect(parseRoute(wrong)).toEqual({ view: 'unknown' });
  reading.cut = 7;
  expect(addressOf('GUB', '001', '', 'party')).toBe('#/corte/7/GUB/001?por=partido');
  expect(parseRoute(addressOf('GUB', '', '', 'party'))).toMatchObject({ of: { by: 'party' } });
  reading.cut = null;
});

test('no name of the tree is read as markup in the image', () => {
  const votes = {
    total: 1,
    unregistered: 0,
    null: 0,
    off_ballot: 0,
    columns: [],
    candidacies: [{ key: 'A', name: '<script>&"', parties: ['A'], votes: 1, share: 1_000_000 }],
  };
  const words = {
    election: 'E',
    contest: 'C',
    place: '',
    captured: 'c',
    counted: 'k',
    notice: 'n',
    cut: '1',
    drill: null,
  };
  const svg = cardOf(words, { captured_share: 0, counted_share: 0 } as never, votes, () => '"/><x');
  expect(svg).not.toContain('<script');
  expect(svg).not.toContain('<x');
  expect(svg).toContain('100.0000 %');
});

test('both languages ask and answer the same questions', () => {
  const [es, en] = [wordsIn('es'), wordsIn('en')];
  expect(en.help.faq).toHaveLength(es.help.faq.length);
  expect(en.help.terms).toHaveLength(es.help.terms.length);
  expect(en.databases.open).toHaveLength(es.databases.open.length);
});
