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

/** The parts of a time as they are told. */
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

const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|([+-])(\d\d):(\d\d))$/;

interface Written {
  /** Milliseconds since 1970 of the clock that is written, whatever its zone. */
  wall: number;
  /** Minutes that it is ahead of UTC. */
  offset: number;
}

function written(iso: string): Written | null {
  const parts = TIME.exec(iso);
  if (!parts) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const ahead = Number(parts[9] ?? 0) * 60 + Number(parts[10] ?? 0);
  return {
    wall: Date.UTC(year, month - 1, day, hour, minute, second),
    offset: parts[8] === '-' ? -ahead : ahead,
  };
}

/** The official zone's offset, once a cut is read: not a state, since it is one for all of an election. */
let official: number | null = null;

/** Has every time told at the offset of `time`, a cut's own; `null` where there is no cut. */
export function tellTimesLike(time: string | null): void {
  official = time === null ? null : (written(time)?.offset ?? null);
}

/**
 * Reads `2024-06-02T20:00:00-06:00`; `null` for anything else. It is told at the official offset, or
 * at its own before a cut is read: minutes are added, and no browser's table of zones is asked.
 */
export function localTime(iso: string): LocalTime | null {
  const time = written(iso);
  if (!time) return null;
  const offset = official ?? time.offset;
  const at = new Date(time.wall + (offset - time.offset) * 60_000);
  const clock = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(twoDigits).join(':');
  return {
    day: at.getUTCDate(),
    month: at.getUTCMonth(),
    year: at.getUTCFullYear(),
    clock,
    zone: zone(offset),
  };
}

function zone(offset: number): string {
  const ahead = Math.abs(offset);
  const minutes = ahead % 60;
  return `(UTC${offset < 0 ? '-' : '+'}${(ahead - minutes) / 60}${minutes === 0 ? '' : `:${twoDigits(minutes)}`})`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

/** A time in seconds since 1970 as {@link localTime} reads it. */
export function isoOf(seconds: number): string {
  const at = new Date(seconds * 1000);
  return Number.isNaN(at.getTime()) ? String(seconds) : at.toISOString();
}

/** How much a file weighs, rounded up as people count it: `138,469` bytes are `139 kB`. */
export function weight(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  if (bytes <= 999_000) return `${Math.ceil(bytes / 1000)} kB`;
  const tenths = Math.ceil(bytes / 100_000);
  return `${count(Math.floor(tenths / 10))}.${tenths % 10} MB`;
}
