/** The directory of publishers: those that the members of the trust root signed, and nobody else. */

import { treeAddress } from '../check/recount/bench';
import { publishersAt, type Publisher } from '../check/trust/enrolment';
import { Refusal } from '../check/refusal';
import { localStorageOrNone, recallSeen } from '../check/trust/seen';
import { Source } from '../check/source';
import { expiredAt, readTrust, type Expiry } from '../check/trust/trust';
import type { Manifest } from '../tree/wire';

export interface Directory {
  publishers: Publisher[];
  /** Names of those who may sign it, and how many of them must. */
  members: string[];
  threshold: number;
  expired: Expiry[];
}

/**
 * Publishers that are enrolled at the cut's time, every signature of the trust root verified; `null`
 * where the tree has none. Throws a `Refusal` where it does not hold, or is not the one that this
 * device saw.
 */
export async function directoryOf(manifest: Manifest): Promise<Directory | null> {
  const trust = await readTrust(new Source(treeAddress()), manifest);
  const seen = recallSeen(localStorageOrNone(), manifest)?.root;
  if (seen && !trust) throw new Refusal('trust-gone', seen);
  if (!trust) return null;
  if (seen && seen !== trust.first) throw new Refusal('trust-changed', seen);
  const { members, threshold, enrolment } = trust;
  return {
    publishers: publishersAt(enrolment, manifest.time),
    members,
    threshold,
    expired: expiredAt(trust, Date.now()),
  };
}
