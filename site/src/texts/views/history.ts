/** Words of the night's cuts, one after the other. */

import { count } from '../../figures/format';
import type { Language } from '..';

const es = {
  intro:
    'Cada corte de la noche queda publicado para siempre. Elija uno y vea los resultados como estaban entonces.',
  slider: 'Corte',
  see: (cut: number) => `Ver todo el corte ${cut}`,
  actas: 'Actas a lo largo de la noche',
  votes: 'Votos a lo largo de la noche',
  captured: 'Capturadas',
  counted: 'Contabilizadas',
  table: 'Las mismas cifras en tabla',
  time: 'Hora del corte',
  some: (shown: number, all: number) => `Se dibujan ${shown} cortes de ${count(all)}.`,
  reading: 'Trayendo los cortes de la noche…',
  ofActas: (counted: number, expected: number, from: string, to: string, half: string | null) =>
    `De ${from} a ${to} se contabilizaron ${count(counted)} de ${count(expected)} actas; ${half ? `la mitad ya estaba en el corte de ${half}` : 'todavía no la mitad'}.`,
  ofVotes: (name: string, votes: number, from: string, to: string, half: string | null) =>
    `De ${from} a ${to} la línea más alta, ${name}, llegó a ${count(votes)} votos${half ? `; la mitad ya estaba en el corte de ${half}` : ''}.`,
  unchecked:
    'De un corte pasado esta página comprueba los datos contra su lista de archivos; que la lista sea la que se firmó entonces lo dice la bitácora pública.',
};

const en: typeof es = {
  intro:
    'Every cut of the night stays published for ever. Choose one and see the results as they stood then.',
  slider: 'Cut',
  see: (cut) => `See all of cut ${cut}`,
  actas: 'Tally sheets through the night',
  votes: 'Votes through the night',
  captured: 'Captured',
  counted: 'Counted',
  table: 'The same figures as a table',
  time: 'Time of the cut',
  some: (shown, all) => `${shown} cuts of ${count(all)} are drawn.`,
  reading: 'Fetching the cuts of the night…',
  ofActas: (counted, expected, from, to, half) =>
    `From ${from} to ${to}, ${count(counted)} of ${count(expected)} tally sheets were counted; ${half ? `half of them by the cut of ${half}` : 'not yet half of them'}.`,
  ofVotes: (name, votes, from, to, half) =>
    `From ${from} to ${to} the highest line, ${name}, came to ${count(votes)} votes${half ? `; half of them by the cut of ${half}` : ''}.`,
  unchecked:
    'Of a past cut this page checks the data against its list of files; that the list is the one signed then is told by the public log.',
};

export const historyWords: Record<Language, typeof es> = { es, en };
