/**
 * What this device has seen of an election, so that nobody can show it less, or another history,
 * later: the largest checkpoint, and the number of the trust root. It goes nowhere else.
 */

import { fromBase64, base64 } from '../log/bytes';
import type { Checkpoint } from '../log/checkpoint';
import { Refusal } from '../refusal';
import type { SignedCut } from '../signed_cut';
import type { Identity } from './trust';

export interface Seen {
  root: string | null;
  checkpoint: Checkpoint;
}

export interface Memory {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
}

/** Storage that remembers nothing where the browser denies it. */
export function localStorageOrNone(): Memory {
  try {
    return localStorage;
  } catch {
    return { getItem: () => null, setItem: () => {} };
  }
}

/** How a cut stands to what was seen before: nothing was, the same, or more of the same history. */
export type Since = { kind: 'first' } | { kind: 'same' } | { kind: 'grown'; from: number };

function nameOf({ election, drill }: Identity): string {
  return `openprep.seen.${drill ? 'drill' : 'election'}.${election}`;
}

/** What was seen; `null` for nothing, or where storage is denied. */
export function recallSeen(memory: Memory, identity: Identity): Seen | null {
  try {
    const { root, origin, size, hash } = JSON.parse(memory.getItem(nameOf(identity)) ?? 'null');
    const bytes = fromBase64(hash);
    return bytes ? { root, checkpoint: { origin, size, root: bytes } } : null;
  } catch {
    return null;
  }
}

/** Holds a verified cut against what was seen, and keeps it. Throws a `Refusal` for another history. */
export async function holdAgainstSeen(
  memory: Memory,
  identity: Identity,
  cut: SignedCut,
): Promise<Since> {
  const seen = recallSeen(memory, identity);
  const since: Since = seen ? await compare(seen, cut) : { kind: 'first' };
  try {
    const { origin, size, root } = cut.checkpoint;
    const fact = { root: cut.trust?.first ?? null, origin, size, hash: base64(root) };
    memory.setItem(nameOf(identity), JSON.stringify(fact));
  } catch {
    // Private windows may refuse: then nothing is remembered.
  }
  return since;
}

async function compare(seen: Seen, { trust, checkpoint, log }: SignedCut): Promise<Since> {
  if (seen.root !== null && !trust) throw new Refusal('trust-gone', seen.root);
  if (seen.root !== null && seen.root !== trust!.first)
    throw new Refusal('trust-changed', seen.root);
  const before = seen.checkpoint;
  if (checkpoint.size < before.size)
    throw new Refusal('shrunk', `${before.size}–${checkpoint.size}`);
  await log.continues(before);
  return checkpoint.size === before.size ? { kind: 'same' } : { kind: 'grown', from: before.size };
}
