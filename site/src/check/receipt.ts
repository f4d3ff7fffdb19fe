/**
 * Receipts (docs/formats/receipt.md): an acta as it was published, and the proof that it was, in
 * one file that needs no network. `openprep audit receipt` verifies the same file.
 */

import { base64, fromBase64, textOf, utf8, type Bytes } from './log/bytes';
import { openCheckpoint, type OpenedCheckpoint } from './log/checkpoint';
import { decodeLeaf, type CutLeaf } from './log/leaf';
import { leafHash, verifyInclusion } from './log/merkle';
import { parseLine, splitNote, type Verifier } from './log/note';
import { encodeProof, parseProof } from './log/proof';
import { Refusal } from './refusal';
import { same } from './log/bytes';
import type { LogKey } from './trust/enrolment';
import type { ProvedVersion } from './acta_history';
import type { SignedCut } from './signed_cut';
import type { ActaLeaf, ElectionDescription } from '../tree/wire';

const FORMAT = 'openprep/receipt/v2';
export const MAX_RECEIPT_BYTES = 512 * 1024;
/** A QR code of version 40 with least correction holds 2,953 bytes. */
export const MAX_QR_BYTES = 2900;

export interface Receipt {
  format: string;
  election: string;
  name: string;
  leaf: string;
  proof: string;
  cut?: { leaf: string; hashes: string[] };
}

/** Whom a reader of receipts believes. */
export interface Keys {
  origin: string;
  log: readonly LogKey[];
  witnesses: readonly Verifier[];
}

/** What a receipt proves. */
export interface Proved {
  leaf: ActaLeaf;
  index: number;
  checkpoint: OpenedCheckpoint;
  cut: CutLeaf | null;
}

export function encodeReceipt(receipt: Receipt): Bytes {
  return utf8(`${JSON.stringify(receipt)}\n`);
}

/** The receipt of a version that was proved, as shown in a cut that was verified. */
export function makeReceipt(
  description: ElectionDescription,
  { entry, inclusion }: ProvedVersion,
  { note, end }: SignedCut,
): Receipt {
  return {
    format: FORMAT,
    election: description.id,
    name: description.name,
    leaf: textOf(entry)!,
    proof: proofText(inclusion.index, inclusion.hashes, note),
    cut: { leaf: textOf(end.entry)!, hashes: end.hashes.map(base64) },
  };
}

function proofText(index: number, hashes: Bytes[], checkpoint: Uint8Array): string {
  return textOf(encodeProof({ index, hashes, checkpoint: new Uint8Array(checkpoint) }))!;
}

/** The short form, for a QR code: without the cut, with the cosignatures that fit. */
export function shorten(receipt: Receipt, log: readonly Verifier[], limit = MAX_QR_BYTES): Receipt {
  const proof = parseProof(utf8(receipt.proof));
  if (!proof) throw new Refusal('receipt-proof');
  const { text, lines } = splitNote(proof.checkpoint);
  const own = lines.filter((line) => log.some((key) => isLineOf(line, key)));
  const short = (kept: readonly string[]): Receipt => {
    const note = utf8([text, ...kept].map((line) => `${line}\n`).join(''));
    const { format, election, name, leaf } = receipt;
    return { format, election, name, leaf, proof: proofText(proof.index, proof.hashes, note) };
  };
  const fits = (kept: readonly string[]): boolean => encodeReceipt(short(kept)).length <= limit;
  if (!fits(own)) throw new Refusal('too-large-for-qr');
  const kept = lines
    .filter((line) => !own.includes(line))
    .reduce((some, line) => (fits([...some, line]) ? [...some, line] : some), own);
  return short(kept);
}

function isLineOf(line: string, { name, hash }: Verifier): boolean {
  const found = parseLine(line);
  return found.name === name && same(found.hash, hash);
}

const MEMBERS = ['format', 'election', 'name', 'leaf', 'proof', 'cut'];

/** Reads a receipt, nothing of it verified. Throws a `Refusal`. */
export function parseReceipt(data: Uint8Array): Receipt {
  const text = data.length <= MAX_RECEIPT_BYTES ? textOf(data) : null;
  let found: Receipt | null = null;
  try {
    found = JSON.parse(text ?? '');
  } catch {
    // Said below.
  }
  if (!found || typeof found !== 'object' || !isReceipt(found)) throw new Refusal('receipt');
  return found;
}

function isReceipt(found: Receipt): boolean {
  const { format, election, name, leaf, proof, cut } = found;
  const texts = [format, election, name, leaf, proof];
  const known = Object.keys(found).every((member) => MEMBERS.includes(member)) && format === FORMAT;
  return (
    known && texts.every((text) => typeof text === 'string') && (cut === undefined || isCut(cut))
  );
}

function isCut(cut: Receipt['cut']): boolean {
  const named =
    typeof cut === 'object' && cut !== null && Object.keys(cut).sort().join() === 'hashes,leaf';
  return named && typeof cut.leaf === 'string' && Array.isArray(cut.hashes);
}

/** What `receipt` proves to one who believes `keys`. Throws a `Refusal`. */
export async function verifyReceipt(receipt: Receipt, keys: Keys): Promise<Proved> {
  const leaf = decodeLeaf(receipt.leaf);
  if (leaf?.leaf !== 'acta') throw new Refusal('receipt');
  const proof = parseProof(utf8(receipt.proof));
  if (!proof) throw new Refusal('receipt-proof');
  const checkpoint = await open(proof.checkpoint, keys);
  const { size, root } = checkpoint;
  const hash = await leafHash(utf8(receipt.leaf));
  if (!(await verifyInclusion(hash, proof.index, size, proof.hashes, root))) {
    throw new Refusal('receipt-proof', String(proof.index));
  }
  const cut = receipt.cut ? await proveCut(receipt.cut, checkpoint) : null;
  checkKeys(checkpoint, keys, cut);
  return { leaf, index: proof.index, checkpoint, cut };
}

async function open(note: Bytes, { origin, log, witnesses }: Keys): Promise<OpenedCheckpoint> {
  try {
    return await openCheckpoint(
      note,
      origin,
      log.map(({ verifier }) => verifier),
      witnesses,
    );
  } catch (error) {
    throw new Refusal('receipt-keys', error instanceof Refusal ? error.reason : '');
  }
}

/** The cut that the checkpoint ends in. */
async function proveCut(
  claimed: NonNullable<Receipt['cut']>,
  checkpoint: OpenedCheckpoint,
): Promise<CutLeaf> {
  const leaf = decodeLeaf(claimed.leaf);
  const hashes = claimed.hashes.map((text) => (typeof text === 'string' ? fromBase64(text) : null));
  if (!leaf || hashes.includes(null)) throw new Refusal('receipt');
  const { size, root } = checkpoint;
  const hash = await leafHash(utf8(claimed.leaf));
  const held = await verifyInclusion(hash, size - 1, size, hashes as Bytes[], root);
  if (leaf.leaf !== 'cut' || !held) throw new Refusal('receipt-proof', String(size - 1));
  return leaf;
}

/** A key that was ended signs only the cuts that it may; the short form does not say which cut it is. */
function checkKeys({ signedBy }: OpenedCheckpoint, { log }: Keys, cut: CutLeaf | null): void {
  const may = log.filter(({ from, until }) =>
    cut === null ? until === Infinity : from <= cut.cut && cut.cut <= until,
  );
  if (!may.some(({ verifier }) => signedBy.includes(verifier))) throw new Refusal('receipt-keys');
}
