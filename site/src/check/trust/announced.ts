/** What counting a contest again weighs, told before anybody on mobile data begins. */

import type { ElectionDescription, Manifest } from '../../tree/wire';

/** Most leaves of the log are actas, and an acta has about so many bytes. */
const LEAF_BYTES = 480;

/** Bytes of the log and of what a contest declares, as they are; a server that compresses sends fewer. */
export function weightOf(
  manifest: Manifest,
  { contests }: ElectionDescription,
  id: string,
): number {
  const contest = contests.find((declared) => declared.id === id);
  const declared = (contest?.running.size ?? 0) + (contest?.catalogue.size ?? 0);
  return declared + (manifest.leaf + 1) * LEAF_BYTES;
}
