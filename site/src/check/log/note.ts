/** Signed notes (https://c2sp.org/signed-note) and cosignatures (https://c2sp.org/tlog-cosignature). */

import { fromBase64, hex, joined, same, textOf, utf8, type Bytes } from './bytes';
import { verifyEd25519 } from './ed25519';
import { sha256 } from './hashing';
import { Refusal } from '../refusal';

export const MAX_NOTE_BYTES = 64 * 1024;
const MAX_SIGNATURES = 100;
/** The year 3000: a cosignature that claims a later time counts as none, not as a wrong one. */
const MAX_TIME = 32_503_680_000;
const PREFIX = '— ';

/** What a key signs: the text, or a time and the text. The value is the specification's byte. */
export const NOTE = 0x01;
export const COSIGNATURE = 0x04;

/** A public key with the name under which it signs. */
export interface Verifier {
  name: string;
  kind: typeof NOTE | typeof COSIGNATURE;
  key: Bytes;
  /** Four bytes that tell this key from others of the same name. */
  hash: Bytes;
}

/** A signature that was verified; `time` is a cosignature's, in seconds since 1970. */
export interface Signature {
  verifier: Verifier;
  time: number | null;
}

export interface SplitNote {
  text: string;
  lines: string[];
}

/** Reads `name+hash+base64`. Throws a `Refusal` where it is no Ed25519 key, or not of that hash. */
export async function parseVerifier(text: string): Promise<Verifier> {
  const [name = '', hash = '', ...rest] = text.split('+');
  const material = fromBase64(rest.join('+'));
  const kind = material?.[0];
  const known = kind === NOTE || kind === COSIGNATURE;
  if (!material || !known || material.length !== 33 || !isName(name))
    throw new Refusal('format', name);
  const own = (await sha256(joined(utf8(`${name}\n`), material))).slice(0, 4);
  if (hex(own) !== hash) throw new Refusal('format', name);
  return { name, kind, key: material.slice(1), hash: own };
}

function isName(name: string): boolean {
  // eslint-disable-next-line no-control-regex -- a note has none of them
  return name !== '' && !/[\s\u0000-\u001f+]/u.test(name);
}

/** A note's text and its signature lines, nothing verified. */
export function splitNote(note: Uint8Array): SplitNote {
  const whole = note.length <= MAX_NOTE_BYTES ? textOf(note) : null;
  const end = whole?.lastIndexOf('\n\n') ?? -1;
  if (whole === null || end < 0 || !whole.endsWith('\n')) throw new Refusal('note');
  const text = whole.slice(0, end + 1);
  const lines = whole.slice(end + 2, -1).split('\n');
  // eslint-disable-next-line no-control-regex -- a note has none of them
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text) || lines.length > MAX_SIGNATURES)
    throw new Refusal('note');
  return { text, lines };
}

interface SignatureLine {
  name: string;
  hash: Bytes;
  signature: Bytes;
}

/** A signature line, nothing verified. */
export function parseLine(line: string): SignatureLine {
  const [name = '', encoded = '', ...more] = line.slice(PREFIX.length).split(' ');
  const blob = fromBase64(encoded);
  const sound = line.startsWith(PREFIX) && name !== '' && more.length === 0;
  if (!sound || !blob || blob.length < 5) throw new Refusal('note');
  return { name, hash: blob.slice(0, 4), signature: blob.slice(4) };
}

/** Whether a line says that it is by `verifier`. */
function isBy(line: SignatureLine, verifier: Verifier): boolean {
  return line.name === verifier.name && same(line.hash, verifier.hash);
}

/**
 * The note's text and its signatures by `known` keys, the first of each key. A signature by an
 * unknown key is ignored, and so is a cosignature of a time that does not count; a wrong one by a
 * known key makes the whole note worthless.
 */
export async function openNote(
  note: Uint8Array,
  known: readonly Verifier[],
): Promise<{ text: string; signatures: Signature[] }> {
  const { text, lines } = splitNote(note);
  const signed = new Map<Verifier, Signature>();
  for (const line of lines.map(parseLine)) {
    const verifier = known.find((verifier) => isBy(line, verifier));
    if (!verifier) continue;
    const signature = await verified(verifier, text, line.signature);
    const inTime = signature.time === null || signature.time <= MAX_TIME;
    if (inTime && !signed.has(verifier)) signed.set(verifier, signature);
  }
  return { text, signatures: [...signed.values()] };
}

async function verified(verifier: Verifier, text: string, signature: Bytes): Promise<Signature> {
  const timed = verifier.kind === COSIGNATURE;
  const time = timed ? timeOf(signature) : null;
  const message = timed ? `cosignature/v1\ntime ${time}\n${text}` : text;
  const bare = timed ? signature.slice(8) : signature;
  const right =
    (!timed || time !== null) && (await verifyEd25519(verifier.key, utf8(message), bare));
  if (!right) throw new Refusal('signature', verifier.name);
  return { verifier, time: time === null ? null : Number(time) };
}

/** Seconds since 1970 in the first eight bytes; `null` where there are fewer. */
function timeOf(signature: Bytes): bigint | null {
  if (signature.length < 8) return null;
  return new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
}
