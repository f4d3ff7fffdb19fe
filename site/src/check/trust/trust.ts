/**
 * The trust root as far as a reader needs it: TUF's client workflow
 * (https://theupdateframework.github.io/specification/latest/#detailed-client-workflow) from the
 * first root that the tree holds to `enrolment.json`. What expired is told and does not stop a
 * reader: who reads an election of years ago finds everything expired.
 */

import { fromHex, hex, type Bytes } from '../log/bytes';
import { canonical } from '../log/canonical';
import { verifyEd25519 } from '../log/ed25519';
import { parseEnrolment, type Enrolment } from './enrolment';
import { sha256, sha256Hex } from '../log/hashing';
import { Refusal } from '../refusal';
import { parseJson, type Source } from '../source';
import { spokenForm } from './spoken';

const MAX_METADATA_BYTES = 256 * 1024;
const MAX_ENROLMENT_BYTES = 16 * 1024 * 1024;
const MOST_ROOTS = 256;
const TARGET = 'enrolment.json';

type RoleName = 'root' | 'targets' | 'snapshot' | 'timestamp';

interface Listed {
  version: number;
  length?: number;
  hashes?: { sha256?: string };
}

interface Signed {
  _type: RoleName;
  version: number;
  expires: string;
  'x-openprep-election': string;
  'x-openprep-drill': boolean;
}

interface Key {
  keytype: string;
  keyval: { public: string };
  'x-openprep-name'?: string;
}

interface Root extends Signed {
  keys: Record<string, Key>;
  roles: Record<RoleName, { keyids: string[]; threshold: number }>;
}

interface WithMeta extends Signed {
  meta: Record<string, Listed>;
}

interface Targets extends Signed {
  targets: Record<string, Required<Omit<Listed, 'version'>>>;
}

interface Metadata<Of extends Signed> {
  signed: Of;
  signatures: { keyid: string; sig: string }[];
}

/** When a part of the trust root ceases to be good. */
export interface Expiry {
  role: RoleName;
  expires: string;
}

/** What the trust root says, every signature verified. */
export interface TrustRoot {
  /** Number of the first root, which people compare by ear, and of the one in force. */
  first: string;
  current: string;
  version: number;
  /** Names of those who may sign, and how many of them must. */
  members: string[];
  threshold: number;
  expiries: Expiry[];
  enrolment: Enrolment;
}

export interface Identity {
  election: string;
  drill: boolean;
}

/** What the online keys say is newest, up to the members' own word. */
interface Chain {
  first: Root;
  root: Root;
  parts: Signed[];
  targets: Targets;
}

/** The trust root of the tree; `null` where it has none. Throws a `Refusal` where it does not hold. */
export async function readTrust(source: Source, identity: Identity): Promise<TrustRoot | null> {
  const chain = await readChain(source, identity);
  if (!chain) return null;
  const { first, root, parts, targets } = chain;
  return {
    first: spokenForm(await sha256(canonical(first))),
    current: spokenForm(await sha256(canonical(root))),
    version: root.version,
    members: root.roles.targets.keyids.map(
      (id) => root.keys[id]?.['x-openprep-name'] ?? id.slice(0, 8),
    ),
    threshold: root.roles.targets.threshold,
    expiries: parts.map(({ _type, expires }) => ({ role: _type, expires })),
    enrolment: await readEnrolment(source, targets, identity),
  };
}

/** Bytes of the enrolment as the members signed it, without fetching it; `null` without a trust root. */
export async function enrolmentSize(source: Source, identity: Identity): Promise<number | null> {
  const chain = await readChain(source, identity);
  return chain?.targets.targets?.[TARGET]?.length ?? null;
}

async function readChain(source: Source, identity: Identity): Promise<Chain | null> {
  const roots = await readRoots(source, identity);
  if (!roots) return null;
  const root = roots.at(-1)!.signed;
  const timestamp = await readRole<WithMeta>(source, 'timestamp', 'timestamp.json', root, identity);
  const snapshot = await readListed<WithMeta>(source, 'snapshot', timestamp.meta, root, identity);
  const targets = await readListed<Targets>(source, 'targets', snapshot.meta, root, identity);
  return { first: roots[0]!.signed, root, parts: [root, targets, snapshot, timestamp], targets };
}

/** Every root from the first on, each signed by enough members of the one before and of its own. */
async function readRoots(source: Source, identity: Identity): Promise<Metadata<Root>[] | null> {
  const roots: Metadata<Root>[] = [];
  for (let version = 1; version <= MOST_ROOTS; version += 1) {
    const path = `trust/${version}.root.json`;
    const data = await source.find(path, MAX_METADATA_BYTES);
    if (!data) return roots.length > 0 ? roots : null;
    const root = parse<Root>(data, 'root', path, identity);
    if (root.signed.version !== version) throw new Refusal('trust-version', path);
    const signers = [roots.at(-1)?.signed ?? root.signed, root.signed];
    for (const signer of signers) await checkThreshold(root, 'root', signer, path);
    roots.push(root);
  }
  throw new Refusal('trust-version', `trust/${MOST_ROOTS + 1}.root.json`);
}

async function readRole<Of extends Signed>(
  source: Source,
  role: RoleName,
  name: string,
  root: Root,
  identity: Identity,
  listed?: Listed,
): Promise<Of> {
  const path = `trust/${name}`;
  const data = await source.find(path, MAX_METADATA_BYTES, listed === undefined);
  if (!data) throw new Refusal('trust-incomplete', path);
  if (listed) await checkListed(data, listed, path);
  const metadata = parse<Of>(data, role, path, identity);
  await checkThreshold(metadata, role, root, path);
  if (listed && metadata.signed.version !== listed.version)
    throw new Refusal('trust-version', path);
  return metadata.signed;
}

function readListed<Of extends Signed>(
  source: Source,
  role: RoleName,
  meta: Record<string, Listed> | undefined,
  root: Root,
  identity: Identity,
): Promise<Of> {
  const listed = meta?.[`${role}.json`];
  if (!listed || !Number.isSafeInteger(listed.version))
    throw new Refusal('format', `trust/${role}`);
  return readRole<Of>(source, role, `${listed.version}.${role}.json`, root, identity, listed);
}

async function readEnrolment(
  source: Source,
  targets: Targets,
  identity: Identity,
): Promise<Enrolment> {
  const target = targets.targets?.[TARGET];
  const digest = target?.hashes?.sha256;
  if (!target || !digest || !fromHex(digest)) throw new Refusal('format', TARGET);
  const path = `trust/${digest}.${TARGET}`;
  const data = await source.find(path, Math.min(MAX_ENROLMENT_BYTES, target.length));
  if (!data) throw new Refusal('trust-incomplete', path);
  await checkListed(data, target, path);
  return parseEnrolment(parseJson(data, path), identity);
}

async function checkListed(
  data: Bytes,
  listed: Omit<Listed, 'version'>,
  path: string,
): Promise<void> {
  const wrongSize = listed.length !== undefined && data.length !== listed.length;
  if (wrongSize || (await sha256Hex(data)) !== listed.hashes?.sha256)
    throw new Refusal('altered', path);
}

function parse<Of extends Signed>(
  data: Uint8Array,
  role: RoleName,
  path: string,
  { election, drill }: Identity,
): Metadata<Of> {
  const found = parseJson(data, path) as Metadata<Of> | null;
  const signed = found?.signed;
  if (signed?._type !== role || !Array.isArray(found?.signatures))
    throw new Refusal('format', path);
  if (!Number.isSafeInteger(signed.version) || Number.isNaN(Date.parse(signed.expires))) {
    throw new Refusal('format', path);
  }
  if (signed['x-openprep-election'] !== election || signed['x-openprep-drill'] !== drill) {
    throw new Refusal('trust-other-election', path);
  }
  return found!;
}

/** Enough different keys of the role signed, as `root` says who and how many. */
async function checkThreshold(
  { signed, signatures }: Metadata<Signed>,
  role: RoleName,
  root: Root,
  path: string,
): Promise<void> {
  const { keyids, threshold } = root.roles?.[role] ?? {};
  const message = canonical(signed);
  const keys = new Set<string>();
  for (const { keyid, sig } of signatures) {
    const key = keyids?.includes(keyid) ? keyOf(root.keys?.[keyid]) : null;
    const signature = typeof sig === 'string' ? fromHex(sig) : null;
    if (key && signature && (await verifyEd25519(key, message, signature))) keys.add(hex(key));
  }
  const enough = Number.isSafeInteger(threshold) && threshold! >= 1 && keys.size >= threshold!;
  if (!enough) throw new Refusal('trust-signatures', path);
}

function keyOf(key: Key | undefined): Bytes | null {
  const known = key?.keytype === 'ed25519' && typeof key.keyval?.public === 'string';
  return known ? fromHex(key.keyval.public) : null;
}

/** Parts that are past their date at `now`, in milliseconds since 1970. */
export function expiredAt(trust: TrustRoot, now: number): Expiry[] {
  return trust.expiries.filter(({ expires }) => Date.parse(expires) <= now);
}
