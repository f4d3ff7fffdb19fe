/** Words of the views that are fetched when one is opened: both languages, the same shape. */

import { count } from '../figures/format';
import type { Step } from '../figures/choices';
import type { Language } from '../texts';
import type { ActaGroup, VotesOverList } from '../tree/wire';

const es = {
  history: {
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
    cut: 'Corte',
    some: (shown: number, all: number) => `Se dibujan ${shown} cortes de ${count(all)}.`,
    reading: 'Trayendo los cortes de la noche…',
    ofActas: (counted: number, expected: number, from: string, to: string, half: string | null) =>
      `De ${from} a ${to} se contabilizaron ${count(counted)} de ${count(expected)} actas; ${half ? `la mitad ya estaba en el corte de ${half}` : 'todavía no la mitad'}.`,
    ofVotes: (name: string, votes: number, from: string, to: string, half: string | null) =>
      `De ${from} a ${to} la línea más alta, ${name}, llegó a ${count(votes)} votos${half ? `; la mitad ya estaba en el corte de ${half}` : ''}.`,
    unchecked:
      'De un corte pasado esta página comprueba los datos contra su lista de archivos; que la lista sea la que se firmó entonces lo dice la bitácora pública.',
    votesOf: (total: number) => `${count(total)} votos`,
  },
  databases: {
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
    api: 'Todo lo que muestra esta página son archivos JSON que no cambian nunca, encadenados por su SHA-256 desde un solo apuntador. Se pueden leer desde cualquier sitio: no hace falta clave ni permiso.',
    followTitle: 'Seguir los resultados corte por corte',
    follow: [
      'El apuntador dice cuál es el último corte. Con la etiqueta del que ya se tiene, la respuesta viene vacía (304) hasta que hay uno nuevo: se puede preguntar cada pocos segundos.',
      'Cada corte tiene un manifiesto, que nombra al anterior por su código, y un archivo .pack con lo nuevo de ese corte y nada más. Aquí se bajan los que falten desde la última vez y se comprueba cada uno.',
      'Ese archivo alterna un renglón con el código de un objeto y un renglón con el objeto, en JSON. Estas son las actas contabilizadas de las secciones que cambiaron en el corte.',
      'Los resultados de una elección, de ahí hacia abajo, se leen por su código: cada objeto nombra a los que tiene debajo.',
    ],
    followNeeds:
      'Con curl, jq y sha256sum; las cuatro partes van en una misma sesión. La etiqueta, los cortes y los archivos .pack quedan en la carpeta: al repetirlas, sólo se baja lo nuevo.',
    schemas: 'Esquemas (JSON Schema)',
    embedTitle: 'Para su página',
    embed: 'Un componente web y un marco, que se actualizan solos:',
    licenceTitle: 'Licencia de los datos',
    licence:
      'Los resultados preliminares son información pública. Puede copiarlos y usarlos citando a la autoridad electoral y el número y la hora del corte.',
  },
  mine: {
    intro: (national: boolean) =>
      `Con ${national ? 'la entidad y ' : ''}el número de sección de su credencial. No se pide ningún dato personal y el número que busque no sale de su aparato.`,
    entity: 'Entidad',
    seccion: 'Sección',
    search: 'Buscar',
    searching: 'Buscando la sección…',
    bad: 'La sección es un número de hasta cuatro cifras.',
    none: (id: string) => `No hay sección ${id} aquí.`,
    some: (id: string, contests: string[]) =>
      `La sección ${id} no está en: ${contests.join(', ')}.`,
    reading: (title: string, read: number, of: number, areas: string) =>
      `Buscando en ${title}: van ${count(read)} de ${count(of)} ${areas.toLowerCase()}. Con conexión lenta puede tardar.`,
    cutShort: (fault: string, any: boolean) =>
      `${fault} La búsqueda quedó a medias${any ? '; lo que ya se encontró está abajo' : ''}.`,
    goOn: 'Seguir buscando',
    entitiesFailed: 'No se pudo traer la lista de entidades.',
    again: 'Volver a intentarlo',
    found: 'Su sección en cada elección',
    keep: 'Guardar en este aparato',
    forget: 'Quitar',
    kept: 'Secciones guardadas en este aparato',
    keptNone: 'Todavía no guarda ninguna.',
    where: 'El número de sección está al frente de la credencial para votar.',
  },
  help: {
    intro: 'Preguntas que hace la gente, las palabras de esta página y quién la publica.',
    seek: 'Buscar en las preguntas',
    found: (found: number) =>
      found === 0
        ? 'Ninguna pregunta tiene esas palabras.'
        : found === 1
          ? '1 pregunta'
          : `${count(found)} preguntas`,
    questions: 'Preguntas frecuentes',
    glossary: 'Glosario',
    publishers: 'Quién publica',
    publishersText:
      'Los difusores oficiales copian estos archivos byte por byte y, antes de mostrarlos, vuelven a contar cada cifra.',
    directory: 'Ver el directorio de difusores',
    nobody: 'Todavía no hay ningún difusor inscrito.',
    vouched: (members: string[], threshold: number) =>
      `Su navegador verificó las firmas: esta lista la firmaron al menos ${threshold} de ${members.join(', ')}. Quien no está en ella no es difusor oficial.`,
    withoutTrust:
      'Este sitio no publica una raíz de confianza: nada aquí puede decir quién es difusor oficial, así que no se muestra ninguna lista.',
    notVouched: 'No se muestra el directorio, porque sus firmas no se pudieron verificar.',
    watch: 'Qué muestra ahora cada difusor',
    watchText:
      'Esta página sólo habla con el sitio que la sirve, así que no puede preguntárselo a los demás. Eso lo hace la vigilancia de la red: la autoridad, un difusor o quien audite la lleva con el programa abierto «openprep watch» y publica una página con el corte que muestra cada difusor, quién lo firmó y qué anda mal. Busque su dirección con la autoridad electoral o en la barra del difusor, al pie de esta página.',
    faq: [
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
    ],
    terms: [
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
      [
        'Código de integridad',
        'El SHA-256 de un archivo: si cambia un solo bit, cambia el código.',
      ],
    ],
  },
  selectors: {
    title: 'Consulta hasta el detalle por casilla',
    all: (step: Step): string =>
      step === 'district' || step === 'municipality' ? 'Todos' : 'Todas',
    acta: 'Detalle por casilla',
    go: 'Consultar',
  },
  results: {
    ways: 'Cómo verlos',
    bars: 'Barras',
    table: 'Tabla',
    cards: 'Tarjetas',
    compare: 'Comparar',
    comparing: 'Sólo las elegidas',
    all: 'Todas',
    choose: 'Elija dos o más candidaturas',
    apart: (votes: number, points: string) =>
      `Entre la primera y la última elegidas hay ${count(votes)} votos (${points}).`,
    contender: 'Candidatura',
    votes: 'Votos',
    share: 'Porcentaje',
    formula: 'Cómo se calcula la participación en este corte',
    formulaVotes: {
      with_special: 'votos con casillas especiales',
      without_special: 'votos sin casillas especiales',
      with_list: 'votos de casillas y mesas con lista nominal',
    } as Record<VotesOverList, string>,
    formulaOver: 'lista nominal de las actas contabilizadas',
    missing: 'Qué falta y dónde',
    missingText: (missing: number, uncounted: number) =>
      `Faltan por capturar ${count(missing)} actas; otras ${count(uncounted)} están capturadas y no se pueden contabilizar.`,
    missingActas: 'Por capturar',
    missingNone: 'Todas las actas esperadas están capturadas.',
    card: 'Imagen para compartir',
    cardSvg: 'Bajar en SVG',
    cardPng: 'Bajar en PNG',
    copyLink: 'Copiar el enlace de esta vista',
    copied: 'Copiado.',
    copyByHand: 'Este es el enlace:',
    past: 'Ver cómo iba en otro corte',
    text: 'Página sin JavaScript',
  },
  groups: {
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
  },
  screen: {
    choose: 'Elija la elección',
    source: 'Resultados preliminares, sin efectos jurídicos',
    stop: 'Detener la rotación',
  },
};

type Words = typeof es;

const en: Words = {
  history: {
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
    cut: 'Cut',
    some: (shown, all) => `${shown} cuts of ${count(all)} are drawn.`,
    reading: 'Fetching the cuts of the night…',
    ofActas: (counted, expected, from, to, half) =>
      `From ${from} to ${to}, ${count(counted)} of ${count(expected)} tally sheets were counted; ${half ? `half of them by the cut of ${half}` : 'not yet half of them'}.`,
    ofVotes: (name, votes, from, to, half) =>
      `From ${from} to ${to} the highest line, ${name}, came to ${count(votes)} votes${half ? `; half of them by the cut of ${half}` : ''}.`,
    unchecked:
      'Of a past cut this page checks the data against its list of files; that the list is the one signed then is told by the public log.',
    votesOf: (total) => `${count(total)} votes`,
  },
  databases: {
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
    api: 'Everything this page shows are JSON files that never change, chained by their SHA-256 from a single pointer. They can be read from any site: no key or permission is needed.',
    followTitle: 'Following the results from cut to cut',
    follow: [
      'The pointer tells which cut is the newest. With the tag of the one at hand, the answer is empty (304) until there is a new one: it may be asked every few seconds.',
      'Each cut has a manifest, which names the one before by its code, and a pack with what is new in that cut and nothing else. Those missing since the last time are fetched here, and each is verified.',
      'A pack alternates a line with the code of an object and a line with the object, as JSON. These are the counted tally sheets of the sections that changed in the cut.',
      'The results of a contest, and from there down, are read by their code: each object names those below it.',
    ],
    followNeeds:
      'With curl, jq and sha256sum; the four parts belong in one session. Tag, cuts and packs stay in the folder: when they are run again, only what is new is fetched.',
    schemas: 'Schemas (JSON Schema)',
    embedTitle: 'For your page',
    embed: 'A web component and a frame, which update themselves:',
    licenceTitle: 'Licence of the data',
    licence:
      'Preliminary results are public information. You may copy and use them, naming the electoral authority and the number and time of the cut.',
  },
  mine: {
    intro: (national) =>
      `By the ${national ? 'state and the ' : ''}section number on your voter card. No personal data is asked for, and the number you look for does not leave your device.`,
    entity: 'State',
    seccion: 'Section',
    search: 'Search',
    searching: 'Looking for the section…',
    bad: 'A section is a number of up to four digits.',
    none: (id) => `There is no section ${id} here.`,
    some: (id, contests) => `Section ${id} is not in: ${contests.join(', ')}.`,
    reading: (title, read, of, areas) =>
      `Looking in ${title}: ${count(read)} of ${count(of)} ${areas.toLowerCase()} so far. On a slow connection this may take a while.`,
    cutShort: (fault, any) =>
      `${fault} The search is not finished${any ? '; what was found is below' : ''}.`,
    goOn: 'Go on searching',
    entitiesFailed: 'The list of states could not be fetched.',
    again: 'Try again',
    found: 'Your section in each contest',
    keep: 'Keep on this device',
    forget: 'Remove',
    kept: 'Sections kept on this device',
    keptNone: 'You keep none yet.',
    where: 'The section number is on the front of the voter card.',
  },
  help: {
    intro: 'Questions people ask, the words of this page, and who publishes it.',
    seek: 'Search the questions',
    found: (found: number) =>
      found === 0
        ? 'No question has those words.'
        : found === 1
          ? '1 question'
          : `${count(found)} questions`,
    questions: 'Questions',
    glossary: 'Glossary',
    publishers: 'Who publishes',
    publishersText:
      'Official publishers copy these files byte for byte and, before showing them, count every figure again.',
    directory: 'See the directory of publishers',
    nobody: 'No publisher is enrolled yet.',
    vouched: (members, threshold) =>
      `Your browser verified the signatures: at least ${threshold} of ${members.join(', ')} signed this list. Whoever is not on it is no official publisher.`,
    withoutTrust:
      'This site publishes no trust root: nothing here can tell who is an official publisher, so no list is shown.',
    notVouched: 'The directory is not shown, because its signatures could not be verified.',
    watch: 'What each publisher shows now',
    watchText:
      'This page speaks only to the site that serves it, so it cannot ask the others. The network watch does: the authority, a publisher or an auditor runs it with the open program “openprep watch”, and publishes a page with the cut that each publisher shows, who signed it, and what is wrong. Look for its address with the electoral authority, or in the publisher’s bar at the foot of this page.',
    faq: [
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
      [
        'Why do percentages not add up to 100?',
        'They show four decimals, cut off and not rounded.',
      ],
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
    ],
    terms: [
      ['Acta PREP', 'The first copy of the tally sheet, meant for the PREP.'],
      ['Acopio', 'The reception of the sheet at a centre, with date and time.'],
      [
        'Captured',
        'Registered in the system and within the catalogue of approved polling stations.',
      ],
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
    ],
  },
  selectors: {
    title: 'Look up, down to each polling station',
    all: () => 'All',
    acta: 'Polling station in detail',
    go: 'Look up',
  },
  results: {
    ways: 'How to see them',
    bars: 'Bars',
    table: 'Table',
    cards: 'Cards',
    compare: 'Compare',
    comparing: 'Chosen only',
    all: 'All',
    choose: 'Choose two or more candidacies',
    apart: (votes, points) =>
      `Between the first and the last chosen there are ${count(votes)} votes (${points}).`,
    contender: 'Candidacy',
    votes: 'Votes',
    share: 'Share',
    formula: 'How turnout is computed in this cut',
    formulaVotes: {
      with_special: 'votes with special polling stations',
      without_special: 'votes without special polling stations',
      with_list: 'votes of polling stations and tables with a voter list',
    },
    formulaOver: 'nominal list of the counted tally sheets',
    missing: 'What is missing, and where',
    missingText: (missing, uncounted) =>
      `${count(missing)} tally sheets are still to be captured; another ${count(uncounted)} are captured and cannot be counted.`,
    missingActas: 'To be captured',
    missingNone: 'All the expected tally sheets are captured.',
    card: 'Image to share',
    cardSvg: 'Download as SVG',
    cardPng: 'Download as PNG',
    copyLink: 'Copy the link to this view',
    copied: 'Copied.',
    copyByHand: 'This is the link:',
    past: 'See how it stood in another cut',
    text: 'Page without JavaScript',
  },
  groups: {
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
  },
  screen: {
    choose: 'Choose the contest',
    source: 'Preliminary results, without legal effect',
    stop: 'Stop rotating',
  },
};

const languages: Record<Language, Words> = { es, en };

export function wordsIn(language: Language): Words {
  return languages[language];
}
