import { expect, test } from 'vitest';
import { orderOf, orderSaid, type Column } from '../../src/address/order';

const COLUMNS: Column[] = ['area', 'captured', 'counted', 'leader'];

test('every order comes back from its address', () => {
  for (const by of COLUMNS) {
    for (const descending of [true, false])
      expect(orderOf(orderSaid({ by, descending }))).toEqual({ by, descending });
  }
});

test('the order of the list needs no saying, and nonsense is that order', () => {
  const own = { by: 'area', descending: false };
  expect(orderSaid(own as never)).toBe('');
  for (const said of ['', '-', 'constructor', 'constructor-desc', '__proto__', 'captured-desc']) {
    expect(orderOf(said)).toEqual(own);
  }
});

test('without a direction names start from the first and figures from the largest', () => {
  expect(orderOf('nombre')).toEqual({ by: 'area', descending: false });
  expect(orderOf('contabilizadas')).toEqual({ by: 'counted', descending: true });
  expect(orderOf('contabilizadas-nunca')).toEqual({ by: 'counted', descending: true });
});
