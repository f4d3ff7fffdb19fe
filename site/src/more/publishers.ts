/** The directory of publishers, as the trust root has it: names and addresses only. */

import type { Tree } from '../tree';

export interface Publisher {
  name: string;
  addresses: string[];
}

interface Meta {
  signed: {
    meta?: Record<string, { version: number }>;
    targets?: Record<string, { hashes: { sha256: string } }>;
  };
}

/**
 * Publishers that are enrolled now. Their names are shown, not believed: the signatures of the trust
 * root are checked elsewhere. Throws where there is no trust root.
 */
export async function publishersOf(tree: Tree): Promise<Publisher[]> {
  const timestamp = await tree.json<Meta>('trust/timestamp.json');
  const snapshot = await tree.json<Meta>(`trust/${timestamp.signed.meta?.['snapshot.json']?.version}.snapshot.json`);
  const targets = await tree.json<Meta>(`trust/${snapshot.signed.meta?.['targets.json']?.version}.targets.json`);
  const [name, target] = Object.entries(targets.signed.targets ?? {})[0] ?? [];
  const enrolment = await tree.json<{ publishers: (Publisher & { revoked?: string | null })[] }>(
    `trust/${target?.hashes.sha256}.${name}`,
  );
  return enrolment.publishers
    .filter(({ revoked }) => !revoked)
    .map(({ name, addresses }) => ({ name, addresses: addresses.filter((one) => /^https?:\/\//.test(one)) }));
}
