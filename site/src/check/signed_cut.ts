/**
 * From the trust root to the cut on screen: the checkpoint's signatures, what this device saw
 * before, and the cut's own place in the log. Without a trust root, who signed is told and no more.
 */

import type { Manifest, Ref } from '../tree/wire';
import { hex, textOf, type Bytes } from './log/bytes';
import type { Checkpoint, OpenedCheckpoint } from './log/checkpoint';
import { openCheckpoint, readCheckpoint } from './log/checkpoint';
import { publishersAt, type Publisher } from './trust/enrolment';
import { sha256Hex } from './log/hashing';
import { cutLeaf, decodeLeaf } from './log/leaf';
import { LogReader } from './log/log';
import { MAX_NOTE_BYTES, parseLine, splitNote } from './log/note';
import { Refusal } from './refusal';
import { parseJson, type Source } from './source';
import { readTrust, type TrustRoot } from './trust/trust';

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
  /** The cut in which the checkpoint ends: this one, or one after it. */
  end: LastCut;
  log: LogReader;
}

/** The last leaf under a checkpoint, proved to be that, which is always a cut. */
export interface LastCut {
  cut: number;
  entry: Bytes;
  hashes: Bytes[];
}

/** Verifies the cut that `manifest` lists. Throws a `Refusal`. */
export async function verifyCut(source: Source, manifest: Manifest): Promise<SignedCut> {
  const trust = await readTrust(source, manifest);
  const ref = await readManifestRef(source, manifest);
  const note = await findNote(source, manifest);
  const publishers = trust ? publishersAt(trust.enrolment, manifest.time) : [];
  const opened = trust ? await openByTrust(note, trust) : null;
  const checkpoint = opened ?? readCheckpoint(note);
  if (checkpoint.size <= manifest.leaf) throw new Refusal('cut-not-in-log', String(manifest.leaf));
  const log = new LogReader(source, checkpoint);
  await includeCut(log, manifest, ref);
  const end = await lastCut(log, checkpoint);
  if (trust && opened) checkRules(trust, opened, end.cut, manifest);
  return {
    trust,
    checkpoint,
    note,
    signers: opened
      ? opened.signedBy.map(nameOf)
      : splitNote(note).lines.map(parseLine).map(nameOf),
    holders: holdersOf(opened, publishers),
    publishers,
    manifest: ref,
    end,
    log,
  };
}

function nameOf({ name, hash }: { name: string; hash: Uint8Array }): {
  name: string;
  hash: string;
} {
  return { name, hash: hex(hash) };
}

/** The manifest's digest and size, from its own file; it must be the one on screen. */
async function readManifestRef(source: Source, manifest: Manifest): Promise<Ref> {
  const path = `cuts/${manifest.cut}.json`;
  const data = await source.read(path, MAX_MANIFEST_BYTES);
  if (JSON.stringify(parseJson(data, path)) !== JSON.stringify(manifest))
    throw new Refusal('altered', path);
  return { sha256: await sha256Hex(data), size: data.length };
}

/** The newest checkpoint if it reaches this cut, with its cosignatures; else the cut's own. */
async function findNote(source: Source, manifest: Manifest): Promise<Uint8Array> {
  const newest = await source.find('checkpoint', MAX_NOTE_BYTES, true);
  if (newest && readCheckpoint(newest).size > manifest.leaf) return newest;
  return source.read(`cuts/${manifest.cut}.note`, MAX_NOTE_BYTES);
}

/** The checkpoint in `note`, signed by a key of the log, with the publishers' cosignatures. */
export function openByTrust(note: Uint8Array, { enrolment }: TrustRoot): Promise<OpenedCheckpoint> {
  const keys = enrolment.log.map(({ verifier }) => verifier);
  const witnesses = enrolment.publishers.map(({ cosigner }) => cosigner);
  return openCheckpoint(note, enrolment.origin, keys, witnesses);
}

/** The key may sign the cut in which the checkpoint ends, and the rules are the members' own. */
function checkRules(
  { enrolment }: TrustRoot,
  { signedBy }: OpenedCheckpoint,
  cut: number,
  manifest: Manifest,
): void {
  const may = enrolment.log.filter(({ from, until }) => from <= cut && cut <= until);
  if (!may.some(({ verifier }) => signedBy.includes(verifier))) {
    throw new Refusal('key-of-other-cuts', signedBy.map(({ name }) => name).join(', '));
  }
  if (enrolment.rulesDigest !== manifest.description.sha256) {
    throw new Refusal('rules-differ', `cuts/${manifest.cut}.json`);
  }
}

/** The cut in which a checkpoint ends, as the log's own last entry says. */
async function lastCut(log: LogReader, { size }: Checkpoint): Promise<LastCut> {
  const entry = await log.entry(size - 1);
  const { hashes } = await log.include(entry, size - 1);
  const leaf = decodeLeaf(textOf(entry) ?? '');
  if (leaf?.leaf !== 'cut') throw new Refusal('cut-not-in-log', String(size - 1));
  return { cut: leaf.cut, entry, hashes };
}

async function includeCut(log: LogReader, manifest: Manifest, ref: Ref): Promise<void> {
  try {
    await log.include(cutLeaf(manifest, ref), manifest.leaf);
  } catch (error) {
    const other = error instanceof Refusal && error.reason === 'entry-not-in-log';
    throw other ? new Refusal('cut-not-in-log', String(manifest.leaf)) : error;
  }
}

/** Of these publishers, those that cosigned while they were not revoked. */
export function holdersOf(
  opened: OpenedCheckpoint | null,
  publishers: readonly Publisher[],
): Holder[] {
  return (opened?.cosignatures ?? []).flatMap(({ verifier, time }) => {
    const publisher = publishers.find(({ cosigner }) => cosigner === verifier);
    const stood = !publisher?.revoked || time! * 1000 < Date.parse(publisher.revoked);
    return publisher && stood ? [{ publisher, time: time! }] : [];
  });
}
