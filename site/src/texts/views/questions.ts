/** What people ask, each question with its answer. */

import type { Language } from '..';

const es = [
  [
    '¿Estos son los resultados oficiales?',
    'No. Son preliminares e informativos. El resultado lo dan los cómputos distritales o municipales, que empiezan el miércoles siguiente.',
  ],
  [
    '¿Por qué cambia quién va primero?',
    'Porque las actas no llegan al azar. Suelen llegar antes las de zonas urbanas y las de casillas que cierran temprano. Un avance bajo no dice quién va a ganar.',
  ],
  [
    '¿Por qué no llega a 100 %?',
    'Hay paquetes que llegan sin acta por fuera, casillas que no se instalan y actas que no se pueden leer. Cada una aparece aquí con su razón.',
  ],
  [
    '¿Por qué hay actas capturadas que no se contabilizan?',
    'Porque no hay acta, ninguna cantidad se puede leer, o la suma excede la lista nominal más las representaciones acreditadas.',
  ],
  [
    '¿Por qué los porcentajes no suman 100?',
    'Se muestran con cuatro decimales, cortados y sin redondear.',
  ],
  [
    'Mi acta dice otra cosa. ¿Qué hago?',
    'Vea primero que sea la misma casilla: en una sección hay básica, contiguas y a veces extraordinarias. Compare después la clave del acta. Si es la misma y la cifra es otra, el cotejo con el acta original lo corrige y aquí queda el registro de cada versión.',
  ],
  [
    '¿Qué pasa con las casillas especiales?',
    'Sus votos están en los totales. No tienen lista nominal propia: ahí vota gente de otras secciones. Por eso en la participación de toda la elección entran sólo en el último corte, y en la de un distrito, municipio o sección no entran nunca.',
  ],
  [
    '¿Alguien puede cambiar los datos?',
    'No sin que se note: cada corte va firmado y encadenado al anterior, y los difusores vuelven a sumar todo antes de mostrarlo.',
  ],
  [
    '¿Cada cuánto se actualiza?',
    'Cada pocos segundos mientras lleguen actas; las bases de datos, tres veces por hora. No hace falta recargar.',
  ],
  [
    '¿Funciona sin internet?',
    'Muestra el último corte que vio, y dice desde cuándo no hay conexión.',
  ],
];

const en: typeof es = [
  [
    'Are these the official results?',
    'No. They are preliminary and informative. The result comes from the official counts, which begin on the following Wednesday.',
  ],
  [
    'Why does the leader change?',
    'Because tally sheets do not arrive at random. Those of urban areas and of polling stations that close early tend to come first. Early progress does not tell who will win.',
  ],
  [
    'Why does it not reach 100 %?',
    'Some packages arrive without a tally sheet outside, some polling stations are not installed, some sheets cannot be read. Each is shown here with its reason.',
  ],
  [
    'Why are some captured tally sheets not counted?',
    'Because there is no sheet, no figure can be read, or the sum exceeds the nominal list plus the accredited representatives.',
  ],
  ['Why do percentages not add up to 100?', 'They show four decimals, cut off and not rounded.'],
  [
    'My tally sheet says something else. What do I do?',
    'First see that it is the same polling station: a section has a básica, contiguas and sometimes extraordinarias. Then compare the key of the sheet. If it is the same and the figure is not, the check against the original corrects it, and every version stays on record here.',
  ],
  [
    'What about special polling stations?',
    'Their votes are in the totals. They have no nominal list of their own: people from other sections vote there. So they enter the turnout of the whole election in the last cut only, and that of a district, municipality or section never.',
  ],
  [
    'Can anybody change the data?',
    'Not unnoticed: every cut is signed and chained to the one before, and publishers add everything up again before showing it.',
  ],
  [
    'How often is it updated?',
    'Every few seconds while tally sheets arrive; the databases, three times an hour. There is no need to reload.',
  ],
  [
    'Does it work offline?',
    'It shows the last cut it saw, and says since when there is no connection.',
  ],
];

export const questions: Record<Language, typeof es> = { es, en };
