/** The words of this page, each with its meaning. */

import type { Language } from '..';

const es = [
  ['Acta PREP', 'La primera copia del acta de escrutinio y cómputo, destinada al PREP.'],
  ['Acopio', 'La recepción del acta en un centro, con fecha y hora.'],
  ['Capturada', 'Registrada en el sistema y dentro del catálogo de casillas aprobadas.'],
  ['Contabilizada', 'Con al menos una cantidad que sumar y sin exceder la lista nominal.'],
  ['Fuera de catálogo', 'No se puede relacionar con ninguna casilla aprobada; no se suma.'],
  ['CATD', 'Centro de Acopio y Transmisión de Datos.'],
  ['CCV', 'Centro de Captura y Verificación.'],
  ['Cotejo', 'Comparar lo publicado con el acta original.'],
  ['Corte', 'Los resultados completos a una hora, con un número único.'],
  ['Difusor', 'Institución o medio que publica los resultados sin modificarlos.'],
  ['Lista nominal', 'Las personas con derecho a votar en una casilla.'],
  [
    'Casilla básica, contigua, extraordinaria, especial',
    'La primera de una sección; las que la dividen por número de electores; las que acercan la casilla a quien vive lejos; las de quienes están fuera de su sección.',
  ],
  ['Código de integridad', 'El SHA-256 de un archivo: si cambia un solo bit, cambia el código.'],
];

const en: typeof es = [
  ['Acta PREP', 'The first copy of the tally sheet, meant for the PREP.'],
  ['Acopio', 'The reception of the sheet at a centre, with date and time.'],
  ['Captured', 'Registered in the system and within the catalogue of approved polling stations.'],
  ['Counted', 'With at least one figure to add, and not exceeding the nominal list.'],
  ['Out of catalogue', 'Cannot be tied to any approved polling station; it is not added.'],
  ['CATD', 'Centre that collects and transmits the data.'],
  ['CCV', 'Centre that captures and verifies.'],
  ['Cotejo', 'Comparing what is published with the original sheet.'],
  ['Cut', 'The whole results at one time, under a single number.'],
  ['Publisher', 'An institution or newsroom that publishes the results without changing them.'],
  ['Nominal list', 'The people entitled to vote at a polling station.'],
  [
    'Casilla básica, contigua, extraordinaria, especial',
    'The first of a section; those that divide it by number of voters; those nearer to people who live far away; those for people away from their section.',
  ],
  ['Integrity code', 'The SHA-256 of a file: if a single bit changes, so does the code.'],
];

export const glossary: Record<Language, typeof es> = { es, en };
