/** Proofs that stand alone (https://c2sp.org/tlog-proof): an entry was in the log that was signed. */

import { base64, fromBase64, joined, same, textOf, utf8, type Bytes } from './bytes';

const HEADING = 'c2sp.org/tlog-proof@v1';
const MOST_HASHES = 63;
const MAX_BYTES = 3 * 64 * 1024;

export interface LogProof {
  index: number;
  hashes: Bytes[];
  /** The signed checkpoint. */
  checkpoint: Bytes;
}

export function encodeProof({ index, hashes, checkpoint }: LogProof): Bytes {
  const lines = [HEADING, `index ${index}`, ...hashes.map(base64), ''];
  return joined(utf8(lines.map((line) => `${line}\n`).join('')), checkpoint);
}

/** Reads a proof without extra data, in its exact form; `null` where it is none. */
export function parseProof(data: Bytes): LogProof | null {
  const text = data.length <= MAX_BYTES ? textOf(data) : null;
  const end = text?.indexOf('\n\n') ?? -1;
  if (text === null || end < 0) return null;
  const [, index = '', ...encoded] = text.slice(0, end).split('\n');
  const hashes = encoded.map(fromBase64);
  const proof = {
    index: Number(index.slice('index '.length)),
    checkpoint: utf8(text.slice(end + 2)),
  };
  const sound = Number.isSafeInteger(proof.index) && hashes.length <= MOST_HASHES;
  if (!sound || !hashes.every((hash) => hash?.length === 32)) return null;
  const found = { ...proof, hashes: hashes as Bytes[] };
  return same(encodeProof(found), data) ? found : null;
}
