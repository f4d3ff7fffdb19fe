/** Leaves of the publication log, rebuilt byte by byte from what the tree shows (docs/formats/log.md). */

import type { Acta, Manifest, Ref, Version } from '../wire';
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

/** What the leaf in `entry` says of an acta; `null` where it is of something else. */
export function readActaLeaf(entry: string): ActaLeaf | null {
  try {
    const found = JSON.parse(entry) as ActaLeaf;
    return found?.leaf === 'acta' && found.schema === SCHEMA ? found : null;
  } catch {
    return null;
  }
}
