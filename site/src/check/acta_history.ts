/** An acta's versions in the log: each as it is on screen, proved under the checkpoint that was verified. */

import type { PublishedActa, Version } from '../tree/seccion';
import type { Bytes } from './log/bytes';
import { encodeActa } from './log/leaf';
import type { Inclusion, LogReader } from './log/log';
import { Refusal } from './refusal';

/** A version that was proved to be in the log. */
export interface ProvedVersion {
  version: Version;
  number: number;
  entry: Bytes;
  inclusion: Inclusion;
}

/** Proves every version of an acta, oldest first. Throws a `Refusal`. */
export async function proveVersions(
  log: LogReader,
  { expected }: Pick<PublishedActa, 'expected'>,
  versions: readonly Version[],
  contest: string,
): Promise<ProvedVersion[]> {
  if (versions.length === 0) throw new Refusal('not-captured', expected.id);
  return Promise.all(
    versions.map(async (version, index) => {
      const { acta, leaf } = version;
      const own =
        acta.contest === contest && acta.acta === expected.id && acta.version === index + 1;
      if (!own) throw new Refusal('other-entry', String(leaf));
      const entry = encodeActa(acta);
      return { version, number: index + 1, entry, inclusion: await include(log, entry, leaf) };
    }),
  );
}

async function include(log: LogReader, entry: Bytes, index: number): Promise<Inclusion> {
  try {
    return await log.include(entry, index);
  } catch (error) {
    const absent = error instanceof Refusal && error.reason === 'entry-not-in-log';
    throw absent ? new Refusal('acta-not-in-log', String(index)) : error;
  }
}
