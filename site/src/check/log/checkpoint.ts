/** Checkpoints (https://c2sp.org/tlog-checkpoint): a log's size and root, signed and cosigned. */

import { fromBase64, type Bytes } from './bytes';
import { COSIGNATURE, NOTE, openNote, splitNote, type Signature, type Verifier } from './note';
import { Refusal } from '../refusal';

export interface Checkpoint {
  origin: string;
  size: number;
  root: Bytes;
}

/** A checkpoint with the keys of its log that signed it, and who cosigned it when. */
export interface OpenedCheckpoint extends Checkpoint {
  signedBy: Verifier[];
  cosignatures: Signature[];
}

/** The checkpoint in a note's text, in its exact form. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', encoded = '', end, ...more] = text.split('\n');
  const root = fromBase64(encoded);
  const sound =
    origin !== '' && /^(0|[1-9]\d{0,15})$/.test(size) && end === '' && more.length === 0;
  if (!sound || root?.length !== 32 || !Number.isSafeInteger(Number(size)))
    throw new Refusal('checkpoint');
  return { origin, size: Number(size), root };
}

/** What a note says, with no signature verified. */
export function readCheckpoint(note: Uint8Array): Checkpoint {
  return parseCheckpoint(splitNote(note).text);
}

/** The checkpoint in `note`, signed by at least one key of the `log`; throws a `Refusal`. */
export async function openCheckpoint(
  note: Uint8Array,
  origin: string,
  log: readonly Verifier[],
  witnesses: readonly Verifier[] = [],
): Promise<OpenedCheckpoint> {
  if (log.some(({ kind }) => kind !== NOTE) || witnesses.some(({ kind }) => kind !== COSIGNATURE)) {
    throw new Refusal('format', origin);
  }
  const { text, signatures } = await openNote(note, [...log, ...witnesses]);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== origin) throw new Refusal('other-log', checkpoint.origin);
  const [own, others] = [NOTE, COSIGNATURE].map((kind) =>
    signatures.filter(({ verifier }) => verifier.kind === kind),
  ) as [Signature[], Signature[]];
  if (own.length === 0) throw new Refusal('nobody-signed', origin);
  return { ...checkpoint, signedBy: own.map(({ verifier }) => verifier), cosignatures: others };
}
