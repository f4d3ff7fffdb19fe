/** A contest of one party, for tests of what is shown of any. */

import type { Contest } from '../../src/figures/running';

export const CONTEST = {
  id: 'X',
  columns: [
    { id: 'A', kind: 'party', parties: ['A'] },
    { id: 'NULL', kind: 'null', parties: [] },
  ],
  rp_tipos: [],
  rp_actas: 'counted',
  candidacies: { '*': [{ key: 'A', name: 'Ana', substitute: '', columns: ['A'] }] },
} as unknown as Contest;
