import { expect, test } from 'vitest';
import { cardOf } from '../../src/frame/card';

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
