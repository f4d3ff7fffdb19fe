/** Words of the big screen. */

import type { Language } from '..';

const es = {
  choose: 'Elija la elección',
  source: 'Resultados preliminares, sin efectos jurídicos',
  stop: 'Detener la rotación',
};

const en: typeof es = {
  choose: 'Choose the contest',
  source: 'Preliminary results, without legal effect',
  stop: 'Stop rotating',
};

export const screenWords: Record<Language, typeof es> = { es, en };
