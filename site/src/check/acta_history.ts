/** An acta's versions in the log: the last rebuilt from what the page shows, the others read there. */

import type { PublishedActa, Version } from '../tree/wire';
import { textOf, type Bytes } from './log/bytes';
import { actaDigest, actaLeaf, decodeLeaf } from './log/leaf';
import type { Inclusion, LogReader } from './log/log';
import { Refusal } from './refusal';

/** A version that was proved to be in the log. */
export interface ProvedVersion {
  version: Version;
  number: number;
  entry: Bytes;
  actaSha256: string;
  inclusion: Inclusion;
}

/** Proves every version of an acta, oldest first. Throws a `Refusal`. */
export async function proveVersions(
  log: LogReader,
  published: PublishedActa,
  contest: string,
): Promise<ProvedVersion[]> {
  const { acta, versions } = published;
  if (!acta || versions.length === 0) throw new Refusal('not-captured', published.expected.id);
  if (acta.contest !== contest || acta.acta !== published.expected.id) {
    throw new Refusal('other-entry', published.expected.id);
  }
  return Promise.all(
    versions.map((version, index) =>
      index === versions.length - 1
        ? proveShown(log, published, version, index + 1)
        : proveEarlier(log, published, version, index + 1),
    ),
  );
}

/** The version on screen: its leaf is made from it. */
async function proveShown(
  log: LogReader,
  { acta }: PublishedActa,
  version: Version,
  number: number,
): Promise<ProvedVersion> {
  const entry = await actaLeaf(acta!, version, number);
  const actaSha256 = await actaDigest(acta!);
  return { version, number, entry, actaSha256, inclusion: await include(log, entry, version.leaf) };
}

/** A superseded version: the log's own entry, which must say of it what the page says. */
async function proveEarlier(
  log: LogReader,
  { acta }: PublishedActa,
  version: Version,
  number: number,
): Promise<ProvedVersion> {
  const entry = await log.entry(version.leaf);
  const said = decodeLeaf(textOf(entry) ?? '');
  const agrees =
    said?.leaf === 'acta' &&
    said.contest === acta!.contest &&
    said.acta === acta!.acta &&
    said.version === number &&
    said.at === version.at &&
    said.reason === version.reason &&
    said.identifies === version.identifies;
  if (!agrees) throw new Refusal('other-entry', String(version.leaf));
  const inclusion = await include(log, entry, version.leaf);
  return { version, number, entry, actaSha256: said.acta_sha256, inclusion };
}

async function include(log: LogReader, entry: Bytes, index: number): Promise<Inclusion> {
  try {
    return await log.include(entry, index);
  } catch (error) {
    const absent = error instanceof Refusal && error.reason === 'entry-not-in-log';
    throw absent ? new Refusal('acta-not-in-log', String(index)) : error;
  }
}
