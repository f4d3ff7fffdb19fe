/** Leaves of the publication log, rebuilt byte by byte from what the tree shows (docs/formats/log.md). */

import type { Acta, Manifest, Ref, Version } from '../../tree/wire';
import { utf8, type Bytes } from './bytes';
import { sha256Hex } from './hashing';

const SCHEMA = 1;

/** What a leaf says of one version of one acta. */
export interface ActaLeaf {
  leaf: 'acta';
  schema: number;
  contest: string;
  acta: string | null;
  version: number;
  at: string;
  acta_sha256: string;
  image_sha256: string | null;
  reason: string | null;
  /** Leaf of the acta out of catalogue that turned out to be this one. */
  identifies?: number;
}

/** What a leaf says of a cut. */
export interface CutLeaf {
  leaf: 'cut';
  schema: number;
  cut: number;
  kind: string;
  time: string;
  manifest_sha256: string;
  manifest_size: number;
}

/** What is counted, and how: the first leaf. */
export interface RulesLeaf {
  leaf: 'rules';
  schema: number;
  election: string;
  drill: boolean;
  seed: string | null;
  folder_sha256: string;
  rules_sha256: string;
}

export type Leaf = ActaLeaf | CutLeaf | RulesLeaf;

type Form = (value: unknown) => boolean;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?(Z|[+-]\d\d:\d\d)$/;

function matching(pattern: RegExp): Form {
  return (value) => typeof value === 'string' && pattern.test(value);
}

function orNull(form: Form): Form {
  return (value) => value === null || form(value);
}

function whole(least: number): Form {
  return (value) => Number.isSafeInteger(value) && (value as number) >= least;
}

const text: Form = (value) => typeof value === 'string';
const flag: Form = (value) => typeof value === 'boolean';
const known: Form = (value) => value === SCHEMA;
const digest = matching(/^[0-9a-f]{64}$/);
const time = matching(TIME);

/** The members of each leaf after `leaf`, in order. */
const FORMS: Record<Leaf['leaf'], Record<string, Form>> = {
  rules: {
    schema: known,
    election: text,
    drill: flag,
    seed: orNull(matching(/^(0|[1-9]\d{0,19})$/)),
    folder_sha256: digest,
    rules_sha256: digest,
  },
  acta: {
    schema: known,
    contest: text,
    acta: orNull(text),
    version: whole(1),
    at: time,
    acta_sha256: digest,
    image_sha256: orNull(digest),
    reason: orNull(text),
  },
  cut: {
    schema: known,
    cut: whole(0),
    kind: matching(/^(zero|live|database|closing)$/),
    time,
    manifest_sha256: digest,
    manifest_size: whole(0),
  },
};

/** The last member of an acta's leaf, where there is one. */
const IDENTIFIES: Record<string, Form> = { identifies: whole(0) };

/** The leaf in `entry`; `null` where it is none, or not in its exact form. */
export function decodeLeaf(entry: string): Leaf | null {
  let found: Record<string, unknown> | null;
  try {
    found = JSON.parse(entry);
  } catch {
    return null;
  }
  const kind = found?.leaf;
  if (typeof kind !== 'string' || !Object.hasOwn(FORMS, kind)) return null;
  const more = kind === 'acta' && Object.hasOwn(found!, 'identifies') ? IDENTIFIES : {};
  const forms = { ...FORMS[kind as Leaf['leaf']], ...more };
  const names = ['leaf', ...Object.keys(forms)].join();
  const sound = Object.entries(forms).every(([name, form]) => form(found![name]));
  const exact = Object.keys(found!).join() === names && JSON.stringify(found) === entry;
  return sound && exact ? (found as unknown as Leaf) : null;
}

/** SHA-256 of the acta's JSON as it stands in its section: its integrity code. */
export function actaDigest(acta: Acta): Promise<string> {
  return sha256Hex(utf8(JSON.stringify(acta)));
}

/** The leaf of an acta's version number `number`, which shows `acta`. */
export async function actaLeaf(acta: Acta, version: Version, number: number): Promise<Bytes> {
  return utf8(
    JSON.stringify({
      leaf: 'acta',
      schema: SCHEMA,
      contest: acta.contest,
      acta: acta.acta,
      version: number,
      at: version.at,
      acta_sha256: await actaDigest(acta),
      image_sha256: acta.image_sha256 ?? null,
      reason: version.reason,
      identifies: version.identifies,
    }),
  );
}

/** The leaf that ends the cut whose manifest has the digest and size of `ref`. */
export function cutLeaf(manifest: Manifest, ref: Ref): Bytes {
  return utf8(
    JSON.stringify({
      leaf: 'cut',
      schema: SCHEMA,
      cut: manifest.cut,
      kind: manifest.kind,
      time: manifest.time,
      manifest_sha256: ref.sha256,
      manifest_size: ref.size,
    }),
  );
}
