/** Español. Cada idioma tiene un archivo con estas mismas claves; si falta una, no se construye. */

import { count } from '../figures/format';
import type {
  Digitization,
  DocumentKind,
  FieldState,
  Level,
  Observation,
  Origin,
  Participation,
  Seats,
  Figure,
  VotesOverList,
} from '../tree/wire';
import type { FaultOfImage } from '../tree/fault';
import { esFirst, levels } from './es.first';

const fieldStates: Record<FieldState, string> = {
  ilegible: 'Ilegible',
  sin_dato: 'Sin dato',
  sin_acta: 'Sin acta',
  no_capturado: 'No capturado',
  no_en_boleta: 'No está en la boleta',
  no_aplica: 'No aplica',
};

const observations: Record<Observation, string> = {
  ilegible: 'Hay cantidades ilegibles.',
  sin_dato: 'Hay espacios en blanco.',
  algun_campo_ilegible_o_sin_dato: 'Alguna cantidad es ilegible o está en blanco; se suma como 0.',
  todos_ilegibles: 'Todas las cantidades de votos son ilegibles.',
  todos_sin_dato: 'Todos los espacios de votos están en blanco.',
  todos_ilegibles_o_sin_dato: 'Todas las cantidades de votos son ilegibles o están en blanco.',
  excede_lista_nominal: 'Los votos exceden la lista nominal más las representaciones.',
  sin_acta_paquete_no_entregado: 'Sin acta: el paquete electoral no se entregó.',
  sin_acta_casilla_no_instalada: 'Sin acta: la casilla no se instaló.',
  sin_acta_paquete_sin_bolsa: 'Sin acta: el paquete llegó sin la bolsa del PREP.',
  sin_acta_contingencia_urna: 'Sin acta: contingencia de la urna electrónica.',
  fuera_de_catalogo: 'Fuera de catálogo: no corresponde a ninguna casilla aprobada.',
  identificada_por_pto: 'Se identificó por el procedimiento del proceso técnico operativo.',
  letra_distinta_de_numero: 'La cantidad con letra y la cantidad con número son distintas.',
  solo_letra: 'La cantidad está escrita sólo con letra.',
  solo_numero: 'La cantidad está escrita sólo con número.',
};

const origins: Record<Origin, string> = {
  casilla: 'En la casilla',
  catd: 'En el centro de acopio (CATD)',
};

const digitizations: Record<Digitization, string> = {
  movil: 'Teléfono móvil',
  escaner: 'Escáner',
  urna: 'Urna electrónica',
};

const documents: Record<DocumentKind, string> = {
  acta_prep: 'Acta PREP',
  rpp: 'Copia de la representación de un partido',
  cc: 'Copia del consejo',
  ppc: 'Copia de partido entregada al consejo',
  acta_vmre: 'Acta del voto de mexicanos en el extranjero',
  acta_va: 'Acta del voto anticipado',
  acta_vppp: 'Acta del voto en prisión preventiva',
  acta_ue: 'Acta de la urna electrónica',
};

const participationRules: Record<Participation, string> = {
  special_casillas_in_last_cut:
    'Votos sin casillas especiales entre la lista nominal de las actas contabilizadas. En el último corte se incluyen las casillas especiales.',
  special_casillas_never:
    'Votos sin casillas especiales entre la lista nominal de las actas contabilizadas.',
  special_casillas_always:
    'Votos con casillas especiales entre la lista nominal de las actas contabilizadas.',
};

const overList: Record<VotesOverList, string> = {
  with_special: 'Votos con casillas especiales entre la lista nominal de las actas contabilizadas.',
  without_special:
    'Votos sin casillas especiales entre la lista nominal de las actas contabilizadas.',
  with_list:
    'Votos de las casillas y mesas con lista nominal, entre esa lista. Las casillas especiales no tienen.',
};

export const es = {
  ...esFirst,
  language: 'Idioma',
  home: 'Inicio',
  youAreHere: 'Usted está aquí',
  expected: 'Actas esperadas',
  progress: 'Avance',
  seeAreas: (many: string, number: number) => `${number} ${many.toLowerCase()}`,
  results: 'Resultados',
  byCandidacy: 'Por candidatura',
  byParty: 'Por partido',
  byPartyNote:
    'Los votos marcados para varios partidos de una coalición se reparten por igual entre ellos en cada distrito o municipio; los sobrantes van a los de mayor votación (LGIPE 311.1.c).',
  share: 'Porcentaje',
  severalCandidates: 'Candidatura distinta en cada unidad',
  elects(seats: Seats, level: Level): string {
    const minority =
      seats.first_minority > 0 ? ` y ${seats.first_minority} de primera minoría` : '';
    const list =
      seats.proportional > 0
        ? `; otras ${seats.proportional} se asignan por representación proporcional`
        : '';
    return `Cada ${levels[level].one.toLowerCase()} elige ${seats.majority} por mayoría relativa${minority}${list}.`;
  },
  proportionalTitle: 'Actas de representación proporcional',
  proportionalNote:
    'En las casillas especiales hay un acta más, con los votos de quienes están fuera de su distrito o entidad y sólo votan por las listas. Se suman únicamente a nivel Entidad: no entran en los totales de arriba ni en la participación.',
  proportionalVotes: 'Votos en estas actas',
  areasOf: (level: Level) => levels[level].many,
  run(first: string, last: string): string {
    if (first === '0000')
      return last === first ? 'Mesas sin sección' : `Mesas sin sección y secciones hasta ${last}`;
    return first === last ? `Sección ${first}` : `Secciones ${first} a ${last}`;
  },
  map: {
    title: (level: Level) => `Mapa: quién va primero en cada ${levels[level].one.toLowerCase()}`,
    legend: 'Qué significa cada trama, y en cuántas',
    hint: 'Señale una parte del mapa para ver sus cifras; abajo están todas en tabla.',
    keys: 'Las flechas del teclado llevan de una parte a la vecina. Las mismas cifras están en la tabla que sigue.',
    meaning: 'El mapa pinta superficie, no personas: una parte grande puede tener pocos votos.',
    lines: (year: string) => `Límites simplificados de los distritos de ${year}.`,
    apart: (names: string[]) => `No están en el mapa: ${names.join(', ')}.`,
    failed: 'No se pudo traer el mapa; las mismas cifras están en la tabla.',
    table: 'Todos los distritos en una tabla',
  },
  seekSeccion: 'Ir a la sección número',
  go: 'Ir',
  notSeccion: 'Una sección es un número de hasta cuatro cifras.',
  noSeccion: (id: string) => `Aquí no hay sección ${id}.`,
  seek: (one: string) => `Buscar ${one.toLowerCase()} por nombre o número`,
  seekFound: (found: number) =>
    found === 0
      ? 'Ninguno coincide con lo que busca.'
      : found === 1
        ? '1 coincide'
        : `${count(found)} coinciden`,
  sortHint: 'Ordenar por esta columna',
  figures: 'Las 13 cifras oficiales',
  figureNames: {
    expected: ['Actas esperadas', 'Las de todas las casillas aprobadas.'],
    registered: ['Actas registradas', 'Capturadas y fuera de catálogo.'],
    out_of_catalogue: [
      'Actas fuera de catálogo',
      'No corresponden a ninguna casilla aprobada; no se suman.',
    ],
    captured: ['Actas capturadas', 'Registradas y dentro del catálogo.'],
    captured_share: ['Porcentaje de actas capturadas', 'De las esperadas.'],
    counted: ['Actas contabilizadas', 'Las que suman votos a estos resultados.'],
    counted_share: ['Porcentaje de actas contabilizadas', 'De las esperadas.'],
    inconsistent_share: [
      'Porcentaje de actas con inconsistencias',
      'Ilegibles, sin dato o que exceden la lista nominal, de las esperadas.',
    ],
    not_counted: ['Actas no contabilizadas', 'Capturadas que no se pueden sumar.'],
    lista_nominal: [
      'Lista nominal de las actas contabilizadas',
      'Personas que podían votar en esas casillas.',
    ],
    votes_with_special: ['Votos con casillas especiales', ''],
    votes_without_special: ['Votos sin casillas especiales', ''],
    participation: ['Participación ciudadana', ''],
  } satisfies Record<Figure, [string, string]> as Record<Figure, [string, string]>,
  participationRules,
  overList,
  whyNoParticipation: {
    uncounted: 'Todavía no hay aquí actas contabilizadas.',
    special:
      'Aquí votó gente de otras secciones (casilla especial): no hay lista nominal con qué compararla.',
    listless: 'Las actas contabilizadas de aquí no tienen lista nominal.',
  },
  specialHere:
    'Aquí votó gente de otras secciones (casilla especial): sus votos están en los resultados, y no en la participación de esta parte.',
  proportionalApart:
    'No se considera la cantidad de votos asentada en las Actas PREP de Casilla Especial de Representación Proporcional.',
  outOfCatalogueIntro:
    'Estas actas se registraron, pero su identificación no corresponde a ninguna casilla aprobada. No se suman a ningún resultado.',
  outOfCatalogueNone: 'No hay actas fuera de catálogo en este corte.',
  outOfCatalogueSee: (number: number) =>
    number === 1
      ? 'Ver el acta fuera de catálogo'
      : `Ver las ${count(number)} actas fuera de catálogo`,
  outOfCatalogueMore: (number: number) => `Ver otras ${count(number)}`,
  outOfCatalogueActa: (position: number) => `Acta ${position}`,
  casillas: 'Casillas y sus actas',
  casillaColumn: 'Casilla',
  rpActa: 'acta de representación proporcional',
  state: 'Estado',
  votesColumn: 'Votos',
  listaNominal: 'Lista nominal',
  noList: 'no tiene',
  counting: {
    '1': 'Contabilizada',
    '0': 'No contabilizada',
    '2': 'Fuera de catálogo',
    '-1': 'Aún no capturada',
  },
  countingReasons: {
    counted:
      'Tiene al menos una cantidad que sumar y no excede la lista nominal: sus votos están en estos resultados.',
    notCaptured: 'Se espera el acta de esta casilla y todavía no se captura.',
    withoutActa: 'No hay acta que capturar, así que no se suman votos de esta casilla.',
    excess: (total: number, listaNominal: number, representatives: number) =>
      `Sus ${count(total)} votos exceden la lista nominal (${count(listaNominal)}) más las representaciones acreditadas (${count(representatives)}). Se publican las cantidades, pero no se suman.`,
    excessSpecial: (total: number, ballots: number) =>
      `Sus ${count(total)} votos exceden las ${count(ballots)} boletas que puede recibir una casilla especial. Se publican las cantidades, pero no se suman.`,
    nothingToAdd: 'Ninguna cantidad de votos se puede leer, así que no hay qué sumar.',
    outOfCatalogue: 'No corresponde a ninguna casilla aprobada, así que no se suma.',
    entityOnly:
      'Es un acta de representación proporcional: sus votos no entran en estos totales ni en la participación.',
  },
  corrected: 'Corregida',
  observationsTitle: 'Observaciones',
  noObservations: 'Sin observaciones.',
  observations,
  votesOnActa: 'Votos en el acta',
  votesOnActas: 'Votos por partido en estas actas',
  column: 'Partido, candidatura o combinación',
  amount: 'Cantidad',
  notOnBallot: 'No están en la boleta de esta casilla',
  fieldStates,
  otherFields: 'Otras cantidades del acta',
  fields: {
    surplus_ballots: 'Boletas sobrantes',
    people_voted: 'Personas que votaron',
    representatives_voted: 'Representantes que votaron',
    ballots_taken: 'Votos sacados de la urna',
    total_written: 'Total de votos escrito en el acta',
    total: 'Total de votos que suma el sistema',
  },
  totalsDiffer:
    'El total escrito y la suma del sistema son distintos. Los resultados usan siempre la suma del sistema.',
  aboutCasilla: 'Sobre la casilla',
  actaId: 'Clave del acta',
  actaKind: 'Tipo de acta',
  representatives: 'Representaciones acreditadas',
  ballotCeiling: 'Boletas que puede recibir',
  location: 'Ubicación',
  locations: { '1': 'Urbana', '2': 'No urbana' },
  way: 'El camino del acta',
  receivedAt: 'Acopio',
  capturedAt: 'Captura',
  verifiedAt: 'Verificación',
  origin: 'Dónde se hizo la imagen',
  origins,
  digitization: 'Cómo se hizo la imagen',
  digitizations,
  document: 'Documento capturado',
  documents,
  transfer: 'Traslado',
  transfers: {
    D: 'dispositivo de apoyo',
    F: 'centro de recepción y traslado fijo',
    I: 'centro de recepción y traslado itinerante',
  } as Record<string, string>,
  cotejada: 'Cotejo con el acta original',
  cotejadas: {
    '1': 'Cotejada',
    '2': 'Cotejada después de una modificación',
    '3': 'Cotejada y no aceptada: en corrección',
  } as Record<string, string>,
  image: 'Código de integridad de la imagen (SHA-256)',
  imageOf: {
    title: 'Imagen del acta',
    none: 'Aquí no está la imagen de esta acta: de ella sólo se tiene su código de integridad, que está abajo. Quien tenga la imagen puede comprobar con él que es la misma.',
    see: (size: string) => `Ver la imagen (${size})`,
    before: 'Antes de mostrarla, su dispositivo comprueba que es la que la estación firmó.',
    right: 'Su dispositivo comprobó que es la imagen que la estación firmó.',
    again: 'Volver a intentarlo',
    alt: (name: string) => `Imagen del acta: ${name}`,
    save: 'Guardar el archivo de la imagen',
    zoom: 'Tamaño de la imagen',
    larger: 'Ampliar',
    smaller: 'Reducir',
    whole: 'Ver completa',
    keys: 'Para moverla: arrástrela, use la barra de desplazamiento o las flechas. Para ampliarla o reducirla: los botones, dos dedos, o las teclas +, − y 0.',
    faults: {
      network: 'No se pudo traer la imagen. Vuelva a intentarlo.',
      'cut-off': 'La imagen no llegó completa. Vuelva a intentarlo.',
      missing:
        'Este difusor todavía no tiene la imagen. Vuelva a intentarlo más tarde, o búsquela en otro difusor.',
      altered:
        'Lo que llegó no es la imagen que la estación firmó, así que no se muestra. Búsquela en otro difusor.',
      unreadable: 'Es la imagen que la estación firmó, pero este navegador no puede mostrarla.',
      'unknown-format': 'No se pudo traer la imagen. Vuelva a intentarlo.',
      older: 'No se pudo traer la imagen. Vuelva a intentarlo.',
    } satisfies Record<FaultOfImage, string> as Record<FaultOfImage, string>,
  },
  noTime: 'Sin registro',
  versions: 'Versiones publicadas',
  firstVersion: 'Primera versión',
  correction: 'Corrección',
  leafOf: (leaf: number) => `Hoja ${count(leaf)} del registro público`,
};
