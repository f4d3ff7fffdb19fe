import { afterEach, describe, expect, test } from 'vitest';
import {
  count,
  isoOf,
  localTime,
  share,
  shareOf,
  tellTimesLike,
  weight,
} from '../../src/figures/format';

describe('figures', () => {
  test('counts carry thousands commas', () => {
    expect([0, 7, 999, 1000, 2658993, 99999999].map(count)).toEqual([
      '0',
      '7',
      '999',
      '1,000',
      '2,658,993',
      '99,999,999',
    ]);
  });

  test('shares keep four decimals and their zeros', () => {
    expect([0, 1, 9999, 10000, 991000, 1000000, 1234567].map(share)).toEqual([
      '0.0000 %',
      '0.0001 %',
      '0.9999 %',
      '1.0000 %',
      '99.1000 %',
      '100.0000 %',
      '123.4567 %',
    ]);
  });

  test('a weight is told in words that people use, and never less than it is', () => {
    expect(
      [0, 1, 999, 1000, 1001, 138_469, 999_001, 1_000_000, 11_512_345, 1_234_567_890].map(weight),
    ).toEqual([
      '0 bytes',
      '1 byte',
      '999 bytes',
      '1 kB',
      '2 kB',
      '139 kB',
      '1.0 MB',
      '1.0 MB',
      '11.6 MB',
      '1,234.6 MB',
    ]);
  });

  test('a share is truncated and never rounded', () => {
    expect(shareOf(2, 3)).toBe(666666);
    expect(shareOf(8259, 8334)).toBe(991000);
    expect(shareOf(1, 0)).toBe(0);
  });

  test('a share is exact where a float would lose a unit', () => {
    for (let whole = 1; whole < 400; whole += 1) {
      for (let part = 0; part <= whole; part += 1) {
        expect(BigInt(shareOf(part, whole))).toBe((BigInt(part) * 1000000n) / BigInt(whole));
      }
    }
    expect(shareOf(98765432, 99999999)).toBe(Number((98765432n * 1000000n) / 99999999n));
  });
});

describe('times', () => {
  afterEach(() => tellTimesLike(null));

  test('are told at the offset of the cut, whatever the one they were written at', () => {
    const like = '2024-06-03T01:59:59-06:00';
    const told = (iso: string, of = like) => {
      tellTimesLike(of);
      const time = localTime(iso)!;
      return [time.year, time.month + 1, time.day, time.clock, time.zone].join(' ');
    };
    expect(told('2024-06-03T05:29:52Z')).toBe('2024 6 2 23:29:52 (UTC-6)');
    expect(told('2024-06-03T05:29:52.25+00:00')).toBe('2024 6 2 23:29:52 (UTC-6)');
    expect(told('2024-06-02T23:29:52-06:00')).toBe('2024 6 2 23:29:52 (UTC-6)');
    expect(told('2024-03-01T03:00:00+00:00')).toBe('2024 2 29 21:00:00 (UTC-6)');
    expect(told('2025-01-01T00:00:00Z')).toBe('2024 12 31 18:00:00 (UTC-6)');
    expect(told('2024-06-03T00:10:00-03:30', '2024-06-03T00:00:00+05:45')).toBe(
      '2024 6 3 09:25:00 (UTC+5:45)',
    );
    expect(told('2024-06-03T05:29:52Z', 'ayer')).toBe('2024 6 3 05:29:52 (UTC+0)');
  });

  test('a time in seconds is read, and one that no calendar has is told as it is', () => {
    expect(localTime(isoOf(1717392592))?.clock).toBe('05:29:52');
    expect(isoOf(2 ** 60)).toBe(String(2 ** 60));
  });

  test('are shown as written where there is no cut, in their own zone', () => {
    expect(localTime('2024-06-03T20:00:00-06:00')).toEqual({
      day: 3,
      month: 5,
      year: 2024,
      clock: '20:00:00',
      zone: '(UTC-6)',
    });
    expect(localTime('2024-06-03T20:00:00.123456+05:30')?.zone).toBe('(UTC+5:30)');
    expect(localTime('2024-06-03T20:00:00Z')?.zone).toBe('(UTC+0)');
  });

  test('anything else is no time', () => {
    for (const text of ['', 'ayer', '2024-06-03', '2024-06-03T20:00:00']) {
      expect(localTime(text)).toBeNull();
    }
  });
});
