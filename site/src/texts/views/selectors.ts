/** Words of the lists that lead from a contest down to an acta. */

import type { Step } from '../../figures/choices';
import type { Language } from '..';

const es = {
  title: 'Consulta hasta el detalle por casilla',
  all: (step: Step): string => (step === 'district' || step === 'municipality' ? 'Todos' : 'Todas'),
  acta: 'Detalle por casilla',
  go: 'Consultar',
};

const en: typeof es = {
  title: 'Look up, down to each polling station',
  all: () => 'All',
  acta: 'Polling station in detail',
  go: 'Look up',
};

export const selectorsWords: Record<Language, typeof es> = { es, en };
