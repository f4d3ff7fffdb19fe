/** Lo que dice la primera vista; el resto (`es.ts`) llega con la primera vista que lo necesita. */

import { count, localTime } from '../figures/format';
import type { ActaGroup, CasillaKind, CutKind, Level, Seats, Summary } from '../tree/wire';
import type { Fault } from '../tree/tree';

const MONTHS = ['ene', 'feb', 'mar', 'abr', 'may', 'jun', 'jul', 'ago', 'sep', 'oct', 'nov', 'dic'];

export interface LevelName {
  one: string;
  many: string;
}

export const levels: Record<Level, LevelName> = {
  national: { one: 'Nacional', many: 'Países' },
  circunscripcion: { one: 'Circunscripción', many: 'Circunscripciones' },
  entity: { one: 'Entidad', many: 'Entidades' },
  district: { one: 'Distrito', many: 'Distritos' },
  municipality: { one: 'Municipio', many: 'Municipios' },
  secciones: { one: 'Sección', many: 'Secciones' },
  seccion: { one: 'Sección', many: 'Secciones' },
};

const faults: Record<Fault, string> = {
  network: 'No hay respuesta del sitio, o contesta que por ahora no puede darla.',
  'cut-off': 'La respuesta del sitio no llegó completa.',
  missing: 'Falta un archivo de este corte.',
  altered: 'Un archivo no coincide con su código de integridad, así que no se muestra.',
  'unknown-format': 'Los datos tienen un formato que esta página no conoce. Vuelva a cargarla.',
  'totals-only':
    'Este sitio tiene de este corte solo los totales de cada elección: empezó a publicar después. El detalle está en otros difusores.',
  older: 'El sitio ofrece un corte anterior al que usted ya ve.',
};

const cutKinds: Record<CutKind, string> = {
  zero: 'apertura en ceros',
  live: '',
  database: '',
  closing: 'último corte',
};

export const esFirst = {
  brand: 'PREP',
  brandLong: 'Programa de Resultados Electorales Preliminares',
  skip: 'Saltar al contenido',
  toDark: 'Cambiar a fondo oscuro',
  toLight: 'Cambiar a fondo claro',
  menuLabel: 'Más de estos resultados',
  menu: {
    mine: 'Mi casilla',
    history: 'Historia de la noche',
    databases: 'Bases de datos',
    help: 'Ayuda',
    screen: 'Pantalla grande',
  },
  textSize: 'Tamaño del texto',
  pastNotice: (number: number, when: string) =>
    `Está viendo un corte pasado: el ${number}, de ${when}.`,
  pastBack: 'Volver al corte actual',
  opensIn: 'La publicación empieza en',
  countdown(seconds: number): string {
    const days = Math.floor(seconds / 86_400);
    const clock = [seconds / 3600, seconds / 60, seconds].map((part, index) =>
      String(Math.floor(part) % (index === 0 ? 24 : 60)).padStart(2, '0'),
    );
    return `${days > 0 ? `${days} d ` : ''}${clock.join(':')}`;
  },
  preliminary: 'Resultados preliminares, sin efectos jurídicos',
  drill: 'Simulacro',
  drillNotice: 'Datos de prueba: no son resultados de ninguna elección.',
  drillSeed: (seed: number) => `Se generaron con la semilla ${seed}.`,
  when(iso: string): string {
    const time = localTime(iso);
    return time
      ? `${time.day} ${MONTHS[time.month]} ${time.year}, ${time.clock} ${time.zone}`
      : iso;
  },
  cut: 'Corte',
  cutOf: (number: number, when: string) => `Corte ${number}, ${when}`,
  cutKinds,
  spokenFigures: (contest: string | null, summary: Summary) =>
    `${contest ? `${contest}: ` : ''}${count(summary.captured)} actas capturadas y ` +
    `${count(summary.counted)} contabilizadas de ${count(summary.expected)}`,
  live: 'Se actualiza sola',
  closed: 'Publicación cerrada',
  notLive: 'Sin actualizar',
  looking: 'Buscando resultados…',
  age(seconds: number | null): string {
    if (seconds === null) return 'No se ha podido conectar.';
    if (seconds < 60) return 'Sin conexión desde hace menos de un minuto.';
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `Sin conexión desde hace ${minutes} min.`;
    return `Sin conexión desde hace ${Math.floor(minutes / 60)} h ${minutes % 60} min.`;
  },
  stale(seconds: number | null): string {
    const minutes = seconds === null ? 0 : Math.floor(seconds / 60);
    return minutes < 1
      ? 'Sin cortes nuevos por ahora.'
      : `Sin cortes nuevos desde hace ${minutes} min.`;
  },
  stillShowing: (number: number, when: string) => `Se muestra el corte ${number}, del ${when}.`,
  faults,
  retrying: 'La página lo intenta de nuevo por sí sola.',
  waitingTitle: 'Todavía no hay resultados',
  waiting:
    'La publicación empieza cuando lo marca la ley, después del cierre de las casillas. Puede dejar esta página abierta: mostrará el primer corte en cuanto exista.',
  unknownTitle: 'Esta dirección no existe',
  unknown: 'No hay ninguna elección, sección ni acta en esta dirección.',
  troubleTitle: 'No se puede mostrar esta parte',
  again: 'Volver a intentarlo',
  goHome: 'Ir al inicio',
  captured: 'Capturadas',
  counted: 'Contabilizadas',
  capturedActas: 'Actas capturadas',
  countedActas: 'Actas contabilizadas',
  ofExpected: (expected: number) => `de ${count(expected)}`,
  participation: 'Participación ciudadana',
  noParticipation: 'No se calcula',
  aboveList: {
    without_list:
      'Hay más votos que personas en la lista nominal: se suman los de casillas especiales o mesas sin lista propia, donde votó gente de otras listas.',
    beyond_list:
      'Hay más votos que personas en la lista nominal: en cada casilla votan también representantes acreditados en ella, y a algunas mesas no se les aplica ese límite.',
  },
  contests: 'Elecciones',
  seeContest: 'Ver todos los resultados',
  andMore: (number: number) =>
    number === 1 ? 'y 1 candidatura más' : `y ${count(number)} candidaturas más`,
  aboutTitle: 'Qué es el PREP y qué no es',
  about: [
    {
      title: 'Es información, la misma noche',
      text: 'Muestra lo que dice cada acta de escrutinio conforme llega a los centros de acopio y se captura: cuenta actas, no estima ni proyecta.',
    },
    {
      title: 'No es el resultado oficial',
      text: 'Es preliminar e informativo, sin efectos jurídicos. El resultado lo dan los cómputos que los consejos empiezan el miércoles siguiente.',
    },
    {
      title: 'Capturada no es lo mismo que contabilizada',
      text: 'Un acta capturada se contabiliza cuando tiene al menos una cantidad que sumar y no excede la lista nominal. Por eso se muestran siempre las dos cifras.',
    },
    {
      title: 'Los primeros cortes no son una muestra',
      text: 'Las actas no llegan al azar: las de zonas urbanas suelen llegar antes. Un avance bajo no dice quién va a ganar.',
    },
  ],
  window: (opens: string, closes: string) => `Publicación del ${opens} al ${closes}.`,
  database: 'Base de datos oficial de este corte (ZIP)',
  votes: (number: number) => (number === 1 ? '1 voto' : `${count(number)} votos`),
  total: 'Total de votos',
  unregistered: 'Candidaturas no registradas',
  nullVotes: 'Votos nulos',
  offBallot: 'Votos en recuadros que no están en la boleta',
  leads(units: number, second: number, { one, many }: LevelName): string {
    const inUnits = (number: number) =>
      `en ${count(number)} ${(number === 1 ? one : many).toLowerCase()}`;
    if (units === 0) return `Va segundo ${inUnits(second)}`;
    return `Va primero ${inUnits(units)}${second > 0 ? ` y segundo en ${count(second)}` : ''}`;
  },
  places: {
    first: (seats: Seats) => `Va primero: ${seats.majority} por mayoría relativa`,
    second: (seats: Seats) => `Va segundo: ${seats.first_minority} de primera minoría`,
  },
  leader: 'Va primero',
  tie: 'Empate',
  noVotes: 'Sin votos contabilizados',
  noCandidacies: 'No hay candidaturas registradas aquí.',
  levels,
  area: (level: Level, id: string) => `${levels[level].one} ${id}`,
  seccion: (id: string) => (id === '0000' ? 'Mesas sin sección' : `Sección ${id}`),
  capturedOf: (captured: number, expected: number) =>
    `${count(captured)} de ${count(expected)} capturadas`,
  groups: {
    urbana: 'Casillas urbanas',
    no_urbana: 'Casillas no urbanas',
    especial: 'Casillas especiales',
    extranjero: 'Voto en el extranjero',
    anticipado: 'Voto anticipado',
    prision_preventiva: 'Voto en prisión preventiva',
    urna_electronica: 'Urna electrónica',
  } as Record<ActaGroup, string>,
  outOfCatalogueTitle: 'Actas fuera de catálogo',
  casilla(kind: CasillaKind, number: number, extension: number): string {
    const numbered = number > 0 ? ` ${number}` : '';
    const names: Record<CasillaKind, string> = {
      B: 'Básica',
      C: `Contigua${numbered}`,
      E: `Extraordinaria${numbered}${extension > 0 ? ` contigua ${extension}` : ''}`,
      S: `Especial${numbered}`,
      M: `Mesa del voto en el extranjero${numbered}`,
      A: `Mesa de voto anticipado${numbered}`,
      P: `Mesa de voto en prisión preventiva${numbered}`,
      U: `Urna electrónica${numbered}`,
    };
    return names[kind];
  },
  check: {
    title: 'Compruébelo usted mismo',
    menu: 'Comprobar',
    intro:
      'Su propio navegador verifica las firmas y vuelve a hacer las cuentas, sin creerle nada al servidor. Lo que usted compruebe no sale de su dispositivo.',
    link: 'Compruebe estos resultados usted mismo',
    acta: 'Comprobar esta acta',
    code: 'Código del acta en el registro público (SHA-256)',
    held: (holders: number, publishers: number) =>
      `En poder de ${count(holders)} de ${count(publishers)} difusores`,
    failed: 'No se pudo traer lo necesario para comprobar. Vuelva a intentarlo.',
  },
  footer: [
    'Los resultados del PREP son preliminares e informativos. No son definitivos y carecen de efectos jurídicos.',
    'Los porcentajes se muestran con cuatro decimales, sin redondear; por eso pueden no sumar exactamente 100\u00a0%.',
  ],
};
