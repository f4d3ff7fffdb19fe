/** What counting a contest again weighs, told before anybody on mobile data begins. */

import { objectPath } from '../../tree/refs';
import type { ElectionDescription, Manifest, Ref } from '../../tree/wire';
import { bundleOf, tilePath } from '../log/tiles';
import type { Source } from '../source';

/** So many bundles of the log are weighed; the rest are taken to be alike. */
const WEIGHED = 3;
const WIDTH = 256;
/** Bytes of a leaf, where a server does not say how many it sends: most are actas. */
const LEAF_BYTES = 480;

/** About so many bytes: of the log, and of what a contest declares. Throws a `TreeFault`. */
export async function weightOf(
  source: Source,
  manifest: Manifest,
  { contests }: ElectionDescription,
  id: string,
): Promise<number> {
  const contest = contests.find((listed) => listed.id === id)!;
  const declared = [manifest.description, contest.running, contest.catalogue];
  const weights = await Promise.all([
    ...declared.map(async (ref: Ref) => (await source.weigh(objectPath(ref))) ?? ref.size),
    weightOfLog(source, manifest.leaf + 1),
  ]);
  return weights.reduce((all, weight) => all + weight, 0);
}

async function weightOfLog(source: Source, size: number): Promise<number> {
  const full = Math.floor(size / WIDTH);
  const numbers = Array.from({ length: Math.min(full, WEIGHED) }, (_, at) =>
    Math.floor((at * full) / WEIGHED),
  );
  const weights = await Promise.all(
    numbers.map((number) => source.weigh(tilePath(bundleOf(number * WIDTH, size)))),
  );
  const known = weights.filter((weight) => weight !== null);
  const leaf =
    known.length > 0
      ? known.reduce((all, weight) => all + weight, 0) / (WIDTH * known.length)
      : LEAF_BYTES;
  return Math.ceil(leaf * size);
}
