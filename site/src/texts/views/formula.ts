/** Words of how participation is computed. */

import type { VotesOverList } from '../../tree/wire';
import type { Language } from '..';

const es = {
  title: 'Cómo se calcula la participación en este corte',
  votes: {
    with_special: 'votos con casillas especiales',
    without_special: 'votos sin casillas especiales',
    with_list: 'votos de casillas y mesas con lista nominal',
  } as Record<VotesOverList, string>,
  over: 'lista nominal de las actas contabilizadas',
};

const en: typeof es = {
  title: 'How turnout is computed in this cut',
  votes: {
    with_special: 'votes with special polling stations',
    without_special: 'votes without special polling stations',
    with_list: 'votes of polling stations and tables with a voter list',
  },
  over: 'nominal list of the counted tally sheets',
};

export const formulaWords: Record<Language, typeof es> = { es, en };
