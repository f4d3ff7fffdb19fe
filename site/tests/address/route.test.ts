import { expect, test } from 'vitest';
import { addressOf, outOfCatalogueAddress, parseRoute, pastAddress } from '../../src/address/route';
import { reading } from '../../src/shown/reading.svelte';

test('an address leads to what it was made for', () => {
  const made: [string, object][] = [
    ['', { view: 'landing' }],
    ['#/', { view: 'landing' }],
    [addressOf('GUB'), { view: 'results', contest: 'GUB', path: [], by: 'candidacy' }],
    [addressOf('GUB', '', '', 'party'), { view: 'results', contest: 'GUB', path: [], by: 'party' }],
    [
      addressOf('PRES', '21/001/0423', '210423C01002@001'),
      {
        view: 'results',
        contest: 'PRES',
        path: ['21', '001', '0423', '210423C01002@001'],
        by: 'candidacy',
      },
    ],
    [outOfCatalogueAddress('GUB'), { view: 'outOfCatalogue', contest: 'GUB' }],
  ];
  for (const [address, route] of made) expect(parseRoute(address)).toEqual(route);
});

test('ids with any sign come back whole', () => {
  const id = 'a/b?c#d %é@';
  expect(parseRoute(addressOf('X', '1', id))).toMatchObject({ path: ['1', id] });
});

test('an anchor within the page is no route', () => {
  expect(parseRoute('#app')).toBeNull();
});

test('what cannot be read is unknown', () => {
  expect(parseRoute('#/GUB/%E0%A4%A')).toEqual({ view: 'unknown' });
  expect(parseRoute('#//x')).toEqual({ view: 'unknown' });
});

test('how a view is seen is no part of its route', () => {
  const route = { view: 'results', contest: 'GUB', path: ['001'], by: 'candidacy' };
  expect(parseRoute('#/GUB/001?ver=tabla&orden=primero-asc&buscar=a%3Fb')).toEqual(route);
  expect(parseRoute('#/GUB/001?ver=tabla&por=partido')).toEqual({ ...route, by: 'party' });
  expect(parseRoute('#/GUB/001?ver=tabla&actas=urbana')).toMatchObject({
    view: 'group',
    group: 'urbana',
  });
  expect(parseRoute('#/corte/3/GUB/001?ver=tabla')).toEqual({ view: 'past', cut: 3, of: route });
  expect(parseRoute('#/ayuda?buscar=x')).toEqual({ view: 'help' });
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
