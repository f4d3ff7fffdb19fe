/** Words of the official files, and of how to open, verify and follow them. */

import type { Language } from '..';

const es = {
  intro:
    'Los mismos resultados, acta por acta, en los archivos oficiales. Cada uno se publica con su código de integridad.',
  none: 'Todavía no hay ninguna base de datos: la primera se publica con el primer corte de base de datos.',
  file: 'Archivo',
  time: 'Hora',
  size: 'Tamaño',
  digest: 'Código de integridad (SHA-256)',
  newest: 'La más reciente',
  openTitle: 'Cómo abrirlas',
  open: [
    'Cada ZIP contiene un ZIP por elección; dentro, un CSV con las actas, otro con las candidaturas y un LÉAME.',
    'Los CSV van en UTF-8 con comas. Las primeras líneas dicen la elección, la hora del corte y las 13 cifras; después viene un renglón por acta esperada.',
    'En una hoja de cálculo importe el archivo como texto: las claves empiezan con apóstrofo para no perder sus ceros.',
    'Un guion es un acta que aún no se captura, o una candidatura que no está en esa boleta. CONTABILIZADA es 1, 0 o 2 (fuera de catálogo).',
  ],
  verifyTitle: 'Cómo comprobarlas',
  verify: 'Calcule el SHA-256 del archivo que bajó y compárelo con el de la tabla:',
  figuresTitle: 'Las 13 cifras y cómo se calculan',
  apiTitle: 'Los datos en JSON',
  api: 'Todo lo que muestra esta página es JSON que no cambia nunca, encadenado por su SHA-256 desde un solo apuntador. Las actas son las entradas del registro público (tile/entries); los resultados de cada lugar están en archivos .pack, y el .where de cada corte dice en qué parte. Se pueden leer desde cualquier sitio: no hace falta clave ni permiso.',
  followTitle: 'Seguir los resultados corte por corte',
  follow: [
    'El apuntador dice cuál es el último corte. Con la etiqueta del que ya se tiene, la respuesta viene vacía (304) hasta que hay uno nuevo: se puede preguntar cada pocos segundos.',
    'Cada corte tiene un manifiesto, que nombra al anterior por su código y trae los totales de cada elección. Aquí se bajan los que falten desde la última vez y se comprueba cada uno.',
    'Las actas nuevas son las hojas que el registro público ganó desde entonces: cada una es el acta completa, en JSON, después de dos bytes con su longitud. La raíz de todas ha de ser la que se firmó con el corte. Estas son la elección, la clave, la versión y los votos de las nuevas.',
    'Los resultados de una elección, de ahí hacia abajo, son objetos con su código: el .where del corte dice en qué parte de qué .pack está el primero, y antes de cada objeto un renglón dice dónde están los que tiene debajo.',
  ],
  followNeeds:
    'Con curl, jq, perl y sha256sum; las cuatro partes van en una misma sesión. La etiqueta, los cortes y las hojas quedan en la carpeta: al repetirlas, sólo se baja lo nuevo.',
  schemas: 'Esquemas (JSON Schema)',
  embedTitle: 'Para su página',
  embed: 'Un componente web y un marco, que se actualizan solos:',
  licenceTitle: 'Licencia de los datos',
  licence:
    'Los resultados preliminares son información pública. Puede copiarlos y usarlos citando a la autoridad electoral y el número y la hora del corte.',
};

const en: typeof es = {
  intro:
    'The same results, tally sheet by tally sheet, in the official files. Each is published with its integrity code.',
  none: 'There is no database yet: the first is published with the first database cut.',
  file: 'File',
  time: 'Time',
  size: 'Size',
  digest: 'Integrity code (SHA-256)',
  newest: 'The newest',
  openTitle: 'How to open them',
  open: [
    'Each ZIP holds one ZIP for each contest; in it, a CSV with the tally sheets, one with the candidacies, and a read-me.',
    'The CSV are UTF-8 with commas. The first lines tell the contest, the time of the cut and the 13 figures; then comes one line for each expected tally sheet.',
    'In a spreadsheet import the file as text: keys begin with an apostrophe so as not to lose their zeros.',
    'A hyphen is a tally sheet not yet captured, or a candidacy that is not on that ballot. CONTABILIZADA is 1, 0 or 2 (out of catalogue).',
  ],
  verifyTitle: 'How to verify them',
  verify: 'Compute the SHA-256 of the file you downloaded and compare it with that of the table:',
  figuresTitle: 'The 13 figures and how they are computed',
  apiTitle: 'The data as JSON',
  api: 'All that this page shows is JSON that never changes, chained by its SHA-256 from a single pointer. The tally sheets are the entries of the public log (tile/entries); the results of each place are in packs, and the .where of each cut says at which place in them. They can be read from any site: no key or permission is needed.',
  followTitle: 'Following the results from cut to cut',
  follow: [
    'The pointer tells which cut is the newest. With the tag of the one at hand, the answer is empty (304) until there is a new one: it may be asked every few seconds.',
    'Each cut has a manifest, which names the one before by its code and has the totals of each contest. Those missing since the last time are fetched here, and each is verified.',
    'The new tally sheets are the leaves that the public log gained since then: each is the whole sheet, as JSON, after two bytes with its length. The root of all of them must be the one that was signed with the cut. These are the contest, key, version and votes of the new ones.',
    'The results of a contest, and from there down, are objects with a code: the .where of the cut says in which part of which pack the first one is, and before each object a line says where those below it are.',
  ],
  followNeeds:
    'With curl, jq, perl and sha256sum; the four parts belong in one session. Tag, cuts and leaves stay in the folder: when they are run again, only what is new is fetched.',
  schemas: 'Schemas (JSON Schema)',
  embedTitle: 'For your page',
  embed: 'A web component and a frame, which update themselves:',
  licenceTitle: 'Licence of the data',
  licence:
    'Preliminary results are public information. You may copy and use them, naming the electoral authority and the number and time of the cut.',
};

export const databasesWords: Record<Language, typeof es> = { es, en };
