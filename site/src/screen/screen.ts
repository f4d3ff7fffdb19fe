/** How a contest fits on a screen that nobody scrolls. */

/** Of the screen's height: the least a row may have to be read from across a room, and the most. */
const [LEAST, MOST] = [0.085, 0.16];
/** Seconds that a contest stays: fewer cannot be read, more is no rotation. */
const [SHORTEST, LONGEST] = [5, 3600];

/** How many of `all` rows stand in `room` pixels of a screen `tall`, and how high each is. */
export function rowsIn(room: number, tall: number, all: number): { rows: number; height: number } {
  const rows = Math.max(1, Math.min(all, Math.floor(room / Math.max(1, tall * LEAST))));
  return { rows, height: Math.floor(Math.min(room / rows, tall * MOST)) };
}

/** Seconds for each contest; `null` where the address asks for none that can be. */
export function rotationOf(said: string): number | null {
  if (!/^\d{1,4}$/.test(said)) return null;
  const seconds = Number(said);
  return seconds < SHORTEST || seconds > LONGEST ? null : seconds;
}
