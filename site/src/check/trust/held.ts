/** "Held by k of n publishers": how many cosigned the newest checkpoint, and when. */

import type { Manifest } from '../../tree/wire';
import { publishersAt } from './enrolment';
import { MAX_NOTE_BYTES, splitNote } from '../log/note';
import { holdersOf, openByTrust } from '../signed_cut';
import { Source } from '../source';
import { treeAddress } from '../recount/bench';
import { enrolmentSize, readTrust } from './trust';

/** An enrolment larger than this is fetched by those who check, not by every reader. */
const MOST_BYTES = 100 * 1024;

export interface Held {
  holders: number;
  publishers: number;
  quorum: number;
}

/**
 * How many publishers hold what is published; `null` where nothing can be said of it: there is no
 * trust root, or it is too large to be fetched for this. While nobody cosigned the newest
 * checkpoint, which may be seconds old, what was known before stands.
 */
export async function readHeld(manifest: Manifest, before: Held | null): Promise<Held | null> {
  const source = new Source(treeAddress());
  const note = await source.find('checkpoint', MAX_NOTE_BYTES, true);
  // Only the log itself signed: nothing is asked for that may not be there.
  if (!note || splitNote(note).lines.length < 2) return before;
  const size = await enrolmentSize(source, manifest);
  if (size === null || size > MOST_BYTES) return null;
  const trust = await readTrust(source, manifest);
  if (!trust) return null;
  const publishers = publishersAt(trust.enrolment, manifest.time);
  const opened = await openByTrust(note, trust);
  const holders = holdersOf(opened, publishers).length;
  return { holders, publishers: publishers.length, quorum: trust.enrolment.quorum };
}
