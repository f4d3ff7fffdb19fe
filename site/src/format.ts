/** Figures and times as people read them. Integers and strings only: a figure never meets a float. */

/** 100.0000 %, in ten-thousandths of a percent. */
export const WHOLE = 1_000_000;

/** Thousands commas: `2658993` is `2,658,993`. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Four decimals with their zeros, as the authority writes them: `991000` is `99.1000 %`. */
export function share(value: number): string {
  const digits = String(value).padStart(5, '0');
  return `${digits.slice(0, -4)}.${digits.slice(-4)} %`;
}

/**
 * `part` of `whole` as a share, truncated; 0 where `whole` is 0. The remainder is taken away before
 * dividing, so the division is exact up to 9 × 10⁹ (products stay below 2⁵³).
 */
export function shareOf(part: number, whole: number): number {
  if (whole === 0) return 0;
  const scaled = part * WHOLE;
  return (scaled - (scaled % whole)) / whole;
}

/** The parts of a time, as written: times arrive in the official zone and are never converted. */
export interface LocalTime {
  day: number;
  /** 0 is January. */
  month: number;
  year: number;
  /** `HH:MM:SS`. */
  clock: string;
  /** `(UTC-6)`. */
  zone: string;
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Reads `2024-06-02T20:00:00-06:00`; `null` for anything else. */
export function localTime(iso: string): LocalTime | null {
  const parts = TIME.exec(iso);
  if (!parts) return null;
  const [, year, month, day, clock, offset] = parts as unknown as [string, string, string, string, string, string];
  return { day: Number(day), month: Number(month) - 1, year: Number(year), clock, zone: zone(offset) };
}

function zone(offset: string): string {
  if (offset === 'Z') return '(UTC+0)';
  const minutes = offset.slice(4);
  return `(UTC${offset[0]}${Number(offset.slice(1, 3))}${minutes === '00' ? '' : `:${minutes}`})`;
}

/** How much a file weighs, in whole kB, rounded up: `138,469` bytes are `139 kB`. */
export function weight(bytes: number): string {
  return `${count(Math.ceil(bytes / 1000))} kB`;
}
