/** Words of the ways to see a contest: drawn, as a table, compared, and in another cut. */

import { count } from '../../figures/format';
import type { Language } from '..';

const es = {
  ways: 'Cómo verlos',
  bars: 'Barras',
  table: 'Tabla',
  cards: 'Tarjetas',
  compare: 'Comparar',
  choose: 'Elija dos o más candidaturas',
  apart: (votes: number, points: string) =>
    `Entre la primera y la última elegidas hay ${count(votes)} votos (${points}).`,
  contender: 'Candidatura',
  votes: 'Votos',
  share: 'Porcentaje',
  past: 'Ver cómo iba en otro corte',
};

const en: typeof es = {
  ways: 'How to see them',
  bars: 'Bars',
  table: 'Table',
  cards: 'Cards',
  compare: 'Compare',
  choose: 'Choose two or more candidacies',
  apart: (votes, points) =>
    `Between the first and the last chosen there are ${count(votes)} votes (${points}).`,
  contender: 'Candidacy',
  votes: 'Votes',
  share: 'Share',
  past: 'See how it stood in another cut',
};

export const waysWords: Record<Language, typeof es> = { es, en };
