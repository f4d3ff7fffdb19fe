/** Words of the actas that are counted apart. */

import { count } from '../../figures/format';
import type { ActaGroup } from '../../tree/wire';
import type { Language } from '..';

const es = {
  title: 'De dónde son las actas',
  intro:
    'Las actas no llegan al azar. Compare qué parte de cada grupo está ya en estos resultados.',
  expected: (number: number) => (number === 1 ? '1 esperada' : `${count(number)} esperadas`),
  kind: 'Actas',
  ofVotes: 'Parte de los votos de aquí',
  listaNominal: 'Lista nominal de las contabilizadas',
  participation: 'Participación en ellas',
  areas: 'Cómo van en cada parte',
  none: 'No se esperan aquí.',
  actas: 'Sus actas',
  whole: 'Ver los resultados con todas las actas de aquí',
  about: {
    urbana:
      'Las de casillas que el catálogo ubica en zona urbana. Suelen llegar antes que las otras.',
    no_urbana:
      'Las de casillas que el catálogo ubica fuera de zonas urbanas. Suelen llegar después.',
    especial:
      'Reciben a quienes están fuera de su sección: no tienen lista nominal, sino un máximo de boletas.',
    extranjero:
      'Los votos de quienes viven en otro país se cuentan en mesas, que no son de ninguna sección.',
    anticipado:
      'Los votos de quienes no pueden salir de su domicilio, recogidos antes de la jornada.',
    prision_preventiva:
      'Los votos de personas en prisión preventiva y sin sentencia, recogidos antes de la jornada.',
    urna_electronica: 'Las de casillas donde se votó en una urna electrónica.',
  } as Record<ActaGroup, string>,
  withProportional:
    'Entre ellas están las actas de representación proporcional: se cuentan como actas, pero sus votos no entran en estos totales.',
};

const en: typeof es = {
  title: 'Where the tally sheets are from',
  intro:
    'Tally sheets do not arrive at random. Compare what part of each group is in these results already.',
  expected: (number) => `${count(number)} expected`,
  kind: 'Tally sheets',
  ofVotes: 'Part of the votes here',
  listaNominal: 'Voter list of those counted',
  participation: 'Turnout in them',
  areas: 'How they stand in each part',
  none: 'None are expected here.',
  actas: 'Their tally sheets',
  whole: 'See the results with all tally sheets of this place',
  about: {
    urbana:
      'Of polling stations that the catalogue places in urban areas. They tend to arrive before the others.',
    no_urbana:
      'Of polling stations that the catalogue places outside urban areas. They tend to arrive later.',
    especial:
      'They receive people away from their section: they have no voter list, but a maximum of ballots.',
    extranjero:
      'The votes of those who live in another country are counted at tables, which belong to no section.',
    anticipado: 'The votes of those who cannot leave their home, collected before election day.',
    prision_preventiva:
      'The votes of people in pre-trial detention, not sentenced, collected before election day.',
    urna_electronica: 'Of polling stations where people voted on an electronic ballot box.',
  },
  withProportional:
    'Among them are the tally sheets of proportional representation: they count as tally sheets, but their votes are not in these totals.',
};

export const groupsWords: Record<Language, typeof es> = { es, en };
