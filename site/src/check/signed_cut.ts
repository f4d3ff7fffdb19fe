/**
 * From the trust root to the cut on screen: the checkpoint's signatures, what this device saw
 * before, and the cut's own place in the log. Without a trust root, who signed is told and no more.
 */

import type { Manifest, Ref } from '../wire';
import type { Checkpoint, OpenedCheckpoint } from './checkpoint';
import { openCheckpoint, readCheckpoint } from './checkpoint';
import { publishersAt, type Publisher } from './enrolment';
import { sha256Hex } from './hashing';
import { cutLeaf } from './leaf';
import { LogReader } from './log';
import { MAX_NOTE_BYTES, parseLine, splitNote } from './note';
import { Refusal } from './refusal';
import { parseJson, type Source } from './source';
import { readTrust, type TrustRoot } from './trust';
import { hex } from './bytes';

const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

/** A publisher that signed that it holds the log, and when. */
export interface Holder {
  publisher: Publisher;
  /** Seconds since 1970. */
  time: number;
}

/** What was verified of a cut. */
export interface SignedCut {
  trust: TrustRoot | null;
  checkpoint: Checkpoint;
  note: Uint8Array;
  /** Keys that signed: of the log where there is a trust root, else whatever the note says. */
  signers: { name: string; hash: string }[];
  holders: Holder[];
  publishers: Publisher[];
  manifest: Ref;
  log: LogReader;
}

/** Verifies the cut that `manifest` lists. Throws a `Refusal`. */
export async function verifyCut(source: Source, manifest: Manifest): Promise<SignedCut> {
  const trust = await readTrust(source, manifest);
  const ref = await readManifestRef(source, manifest);
  const note = await findNote(source, manifest);
  const opened = trust ? await openByTrust(note, trust, manifest) : null;
  const checkpoint = opened ?? readCheckpoint(note);
  if (checkpoint.size <= manifest.leaf) throw new Refusal('cut-not-in-log', String(manifest.leaf));
  if (trust && trust.enrolment.rulesDigest !== manifest.description.sha256) {
    throw new Refusal('rules-differ', `cuts/${manifest.cut}.json`);
  }
  const log = new LogReader(source, checkpoint);
  await includeCut(log, manifest, ref);
  const publishers = trust ? publishersAt(trust.enrolment, manifest.time) : [];
  const signers = opened
    ? opened.signedBy.map(({ name, hash }) => ({ name, hash: hex(hash) }))
    : splitNote(note).lines.map(parseLine).map(({ name, hash }) => ({ name, hash: hex(hash) }));
  const holders = holdersOf(opened, publishers);
  return { trust, checkpoint, note, signers, holders, publishers, manifest: ref, log };
}

/** The manifest's digest and size, from its own file; it must be the one on screen. */
async function readManifestRef(source: Source, manifest: Manifest): Promise<Ref> {
  const path = `cuts/${manifest.cut}.json`;
  const data = await source.read(path, MAX_MANIFEST_BYTES);
  if (JSON.stringify(parseJson(data, path)) !== JSON.stringify(manifest)) throw new Refusal('altered', path);
  return { sha256: await sha256Hex(data), size: data.length };
}

/** The newest checkpoint if it reaches this cut, with its cosignatures; else the cut's own. */
async function findNote(source: Source, manifest: Manifest): Promise<Uint8Array> {
  const newest = await source.find('checkpoint', MAX_NOTE_BYTES, true);
  if (newest && readCheckpoint(newest).size > manifest.leaf) return newest;
  return source.read(`cuts/${manifest.cut}.note`, MAX_NOTE_BYTES);
}

/** The checkpoint, signed by a key of the log that may sign this cut, or one after it. */
async function openByTrust(
  note: Uint8Array,
  { enrolment }: TrustRoot,
  { cut, time, leaf }: Manifest,
): Promise<OpenedCheckpoint> {
  const keys = enrolment.log.map(({ verifier }) => verifier);
  const witnesses = publishersAt(enrolment, time).map(({ cosigner }) => cosigner);
  const opened = await openCheckpoint(note, enrolment.origin, keys, witnesses);
  const ends = opened.size === leaf + 1;
  const may = enrolment.log.filter(({ from, until }) => cut <= until && (from <= cut || !ends));
  const signed = may.some(({ verifier }) => opened.signedBy.includes(verifier));
  if (!signed) throw new Refusal('key-of-other-cuts', opened.signedBy.map(({ name }) => name).join(', '));
  return opened;
}

async function includeCut(log: LogReader, manifest: Manifest, ref: Ref): Promise<void> {
  try {
    await log.include(cutLeaf(manifest, ref), manifest.leaf);
  } catch (error) {
    const other = error instanceof Refusal && error.reason === 'entry-not-in-log';
    throw other ? new Refusal('cut-not-in-log', String(manifest.leaf)) : error;
  }
}

function holdersOf(opened: OpenedCheckpoint | null, publishers: readonly Publisher[]): Holder[] {
  return (opened?.cosignatures ?? []).flatMap(({ verifier, time }) => {
    const publisher = publishers.find(({ cosigner }) => cosigner === verifier);
    return publisher ? [{ publisher, time: time! }] : [];
  });
}
