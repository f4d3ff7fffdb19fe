/** How large an image may be shown: from as wide as its frame to where a scanner's dots are plain. */

export const MOST = 6;
export const STEP = 1.5;

/** `zoom` within bounds; a hair from the whole image is the whole image. */
export function clamped(zoom: number): number {
  const within = Math.min(Math.max(zoom, 1), MOST);
  return within < 1.02 ? 1 : within;
}
