/** `enrolment.json`: whose signatures count for this election (docs/formats/trust.md). */

import { hex } from '../log/bytes';
import { COSIGNATURE, NOTE, parseVerifier, type Verifier } from '../log/note';
import { Refusal } from '../refusal';
import type { Identity } from './trust';

const SCHEMA = 1;

/** A key of the log and the cuts that it may sign, both ends included. */
export interface LogKey {
  verifier: Verifier;
  from: number;
  until: number;
}

export interface Publisher {
  id: string;
  name: string;
  cosigner: Verifier;
  addresses: string[];
  /** From when on it is no publisher any more. */
  revoked: string | null;
}

export interface Enrolment {
  rulesDigest: string;
  origin: string;
  log: LogKey[];
  publishers: Publisher[];
  /** Cosignatures after which a cut is held. */
  quorum: number;
}

interface Wire {
  schema: number;
  election: string;
  drill: boolean;
  rules_digest: string;
  log: { origin: string; keys: { key: string; from_cut?: number; until_cut?: number | null }[] };
  publishers: {
    id: string;
    name: string;
    cosigner: string;
    addresses: string[];
    revoked?: string | null;
  }[];
  policy: { quorum: number };
}

/** Reads the document, whose digest the members signed. */
export async function parseEnrolment(
  document: unknown,
  { election, drill }: Identity,
): Promise<Enrolment> {
  const wire = document as Wire;
  if (wire?.schema !== SCHEMA) throw new Refusal('format', 'enrolment.json');
  if (wire.election !== election || wire.drill !== drill) {
    throw new Refusal('trust-other-election', 'enrolment.json');
  }
  try {
    const log = await Promise.all(wire.log.keys.map(readKey));
    const publishers = await Promise.all(wire.publishers.map(readPublisher));
    checkOnce([
      ...log.map(({ verifier }) => verifier),
      ...publishers.map(({ cosigner }) => cosigner),
    ]);
    const { rules_digest: rulesDigest, policy } = wire;
    return { rulesDigest, origin: wire.log.origin, log, publishers, quorum: policy.quorum };
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal('format', 'enrolment.json');
  }
}

async function readKey({ key, from_cut, until_cut }: Wire['log']['keys'][number]): Promise<LogKey> {
  const verifier = await parseVerifier(key);
  if (verifier.kind !== NOTE) throw new Refusal('format', verifier.name);
  return { verifier, from: from_cut ?? 0, until: until_cut ?? Infinity };
}

async function readPublisher(wire: Wire['publishers'][number]): Promise<Publisher> {
  const cosigner = await parseVerifier(wire.cosigner);
  if (cosigner.kind !== COSIGNATURE) throw new Refusal('format', wire.id);
  return {
    id: wire.id,
    name: wire.name,
    addresses: wire.addresses,
    cosigner,
    revoked: wire.revoked ?? null,
  };
}

/** A key that stood for two would be counted twice. */
function checkOnce(verifiers: readonly Verifier[]): void {
  const keys = verifiers.map(({ key }) => hex(key));
  if (new Set(keys).size !== keys.length) throw new Refusal('twice', 'enrolment.json');
}

/** Publishers that are not revoked at `time` (ISO 8601). */
export function publishersAt({ publishers }: Enrolment, time: string): Publisher[] {
  return publishers.filter(
    ({ revoked }) => revoked === null || Date.parse(time) < Date.parse(revoked),
  );
}
