/** English. */

import { count, localTime } from '../figures/format';
import type { CasillaKind, Level, Seats, Summary } from '../tree/wire';
import { esFirst, type LevelName } from './es.first';
import type { Texts } from './index';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const levels: Texts['levels'] = {
  national: { one: 'National', many: 'Countries' },
  circunscripcion: { one: 'Circumscription', many: 'Circumscriptions' },
  entity: { one: 'State', many: 'States' },
  district: { one: 'District', many: 'Districts' },
  municipality: { one: 'Municipality', many: 'Municipalities' },
  secciones: { one: 'Section', many: 'Sections' },
  seccion: { one: 'Section', many: 'Sections' },
};

export const en: Texts = {
  brand: 'PREP',
  brandLong: 'Preliminary Electoral Results Programme',
  skip: 'Skip to content',
  language: 'Language',
  toDark: 'Switch to dark background',
  toLight: 'Switch to light background',
  home: 'Home',
  youAreHere: 'You are here',
  contests: 'Elections',
  menuLabel: 'More about these results',
  menu: {
    mine: 'My polling station',
    history: 'History of the night',
    databases: 'Databases',
    help: 'Help',
    screen: 'Big screen',
  },
  textSize: 'Text size',
  pastNotice: (number: number, when: string) =>
    `You are reading a past cut: number ${number}, of ${when}.`,
  pastBack: 'Back to the current cut',
  opensIn: 'Publication begins in',
  countdown: esFirst.countdown,
  preliminary: 'Preliminary results, without legal effect',
  drill: 'Drill',
  drillNotice: 'Test data: these are not the results of any election.',
  drillSeed: (seed: number) => `Generated from seed ${seed}.`,

  when(iso: string): string {
    const time = localTime(iso);
    return time
      ? `${time.day} ${MONTHS[time.month]} ${time.year}, ${time.clock} ${time.zone}`
      : iso;
  },
  cut: 'Cut',
  cutOf: (number: number, when: string) => `Cut ${number}, ${when}`,
  cutKinds: { zero: 'opening at zero', live: '', database: '', closing: 'last cut' },
  spokenFigures: (contest: string | null, summary: Summary) =>
    `${contest ? `${contest}: ` : ''}${count(summary.captured)} tally sheets captured and ` +
    `${count(summary.counted)} counted of ${count(summary.expected)}`,

  live: 'Updates by itself',
  closed: 'Publication closed',
  notLive: 'Not updating',
  looking: 'Looking for results…',
  age(seconds: number | null): string {
    if (seconds === null) return 'Could not connect.';
    if (seconds < 60) return 'No connection for less than a minute.';
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `No connection for ${minutes} min.`;
    return `No connection for ${Math.floor(minutes / 60)} h ${minutes % 60} min.`;
  },
  stale(seconds: number | null): string {
    const minutes = seconds === null ? 0 : Math.floor(seconds / 60);
    return minutes < 1 ? 'No new cuts for now.' : `No new cuts for ${minutes} min.`;
  },
  stillShowing: (number: number, when: string) => `This is cut ${number}, of ${when}.`,
  faults: {
    network: 'The site does not answer, or says that it cannot for now.',
    'cut-off': 'The answer of the site did not come whole.',
    missing: 'A file of this cut is missing.',
    altered: 'A file does not match its integrity code, so it is not shown.',
    'unknown-format': 'The data has a format that this page does not know. Please reload it.',
    'totals-only':
      'Of this cut this site has only the totals of each election: it began to publish later. Other publishers have the detail.',
    older: 'The site offers a cut older than the one you already see.',
  },
  retrying: 'The page keeps trying by itself.',

  waitingTitle: 'There are no results yet',
  waiting:
    'Publication starts at the time set by law, after the polling stations close. You can leave this page open: it will show the first cut as soon as there is one.',
  unknownTitle: 'This address does not exist',
  unknown: 'There is no election, section or tally sheet at this address.',
  troubleTitle: 'This part cannot be shown',
  again: 'Try again',
  goHome: 'Go to the start',

  expected: 'Tally sheets expected',
  captured: 'Captured',
  counted: 'Counted',
  capturedActas: 'Tally sheets captured',
  countedActas: 'Tally sheets counted',
  ofExpected: (expected: number) => `of ${count(expected)}`,
  participation: 'Turnout',
  noParticipation: 'Not calculated',
  aboveList: {
    without_list:
      'There are more votes than people on the voter list: those of special polling stations or tables without a list of their own are added, where people of other lists voted.',
    beyond_list:
      'There are more votes than people on the voter list: at each polling station the representatives accredited there vote too, and some tables are not held to that limit.',
  },
  progress: 'Progress',
  seeContest: 'See all results',
  seeAreas: (many: string, number: number) => `${number} ${many.toLowerCase()}`,
  andMore: (number: number) =>
    number === 1 ? 'and 1 more candidacy' : `and ${count(number)} more candidacies`,

  aboutTitle: 'What PREP is, and what it is not',
  about: [
    {
      title: 'It is information, the same night',
      text: 'It shows what each tally sheet (acta) says as it reaches the collection centres and is captured: it counts tally sheets, it neither estimates nor projects.',
    },
    {
      title: 'It is not the official result',
      text: 'It is preliminary and informative, without legal effect. The result comes from the official count that the councils begin on the following Wednesday.',
    },
    {
      title: 'Captured is not the same as counted',
      text: 'A captured tally sheet is counted when it has at least one amount to add and does not exceed its voter list. That is why both figures are always shown.',
    },
    {
      title: 'The first cuts are not a sample',
      text: 'Tally sheets do not arrive at random: those of urban areas tend to come first. Early progress does not tell who will win.',
    },
  ],
  window: (opens: string, closes: string) => `Published from ${opens} to ${closes}.`,
  database: 'Official database of this cut (ZIP)',

  results: 'Results',
  byCandidacy: 'By candidacy',
  byParty: 'By party',
  byPartyNote:
    'Votes marked for several parties of a coalition are divided equally among them in each district or municipality; what is left over goes to those with most votes (LGIPE 311.1.c).',
  share: 'Percentage',
  votes: (number: number) => (number === 1 ? '1 vote' : `${count(number)} votes`),
  total: 'Total votes',
  unregistered: 'Non-registered candidates',
  nullVotes: 'Null votes',
  offBallot: 'Votes in boxes that are not on the ballot',
  severalCandidates: 'A different candidate in each unit',
  leads(units: number, second: number, { one, many }: LevelName): string {
    const inUnits = (number: number) =>
      `in ${count(number)} ${(number === 1 ? one : many).toLowerCase()}`;
    if (units === 0) return `Second ${inUnits(second)}`;
    return `First ${inUnits(units)}${second > 0 ? ` and second in ${count(second)}` : ''}`;
  },
  elects(seats: Seats, level: Level): string {
    const minority =
      seats.first_minority > 0 ? ` and ${seats.first_minority} as first minority` : '';
    const list =
      seats.proportional > 0
        ? `; another ${seats.proportional} are assigned by proportional representation`
        : '';
    return `Each ${levels[level].one.toLowerCase()} elects ${seats.majority} by relative majority${minority}${list}.`;
  },
  places: {
    first: (seats: Seats) => `First: ${seats.majority} by relative majority`,
    second: (seats: Seats) => `Second: ${seats.first_minority} as first minority`,
  },
  proportionalTitle: 'Tally sheets of proportional representation',
  proportionalNote:
    'Special polling stations have one more tally sheet, with the votes of people outside their district or state, who vote for the lists only. They are added up at the level of the state only: they enter neither the totals above nor the turnout.',
  proportionalVotes: 'Votes on these tally sheets',
  leader: 'First',
  tie: 'Tie',
  noVotes: 'No votes counted',
  noCandidacies: 'There are no registered candidacies here.',

  levels,
  area: (level: Level, id: string) => `${levels[level].one} ${id}`,
  seccion: (id: string) => (id === '0000' ? 'Tables without section' : `Section ${id}`),
  areasOf: (level: Level) => levels[level].many,
  run(first: string, last: string): string {
    if (first === '0000')
      return last === first
        ? 'Tables without section'
        : `Tables without section, and sections up to ${last}`;
    return first === last ? `Section ${first}` : `Sections ${first} to ${last}`;
  },
  capturedOf: (captured: number, expected: number) =>
    `${count(captured)} of ${count(expected)} captured`,
  map: {
    title: (level: Level) => `Map: who is first in each ${levels[level].one.toLowerCase()}`,
    legend: 'What each pattern means, and how many have it',
    hint: 'Point at a part of the map to see its figures; all of them are in the table below.',
    keys: 'Arrow keys lead from one part to the next. The same figures are in the table that follows.',
    meaning: 'The map paints land, not people: a large part may have few votes.',
    lines: (year) => `Simplified borders of the districts of ${year}.`,
    apart: (names: string[]) => `Not on the map: ${names.join(', ')}.`,
    failed: 'The map could not be fetched; the same figures are in the table.',
    table: 'All districts in a table',
  },
  groups: {
    urbana: 'Urban polling stations',
    no_urbana: 'Non-urban polling stations',
    especial: 'Special polling stations',
    extranjero: 'Vote from abroad',
    anticipado: 'Early vote',
    prision_preventiva: 'Vote in pre-trial detention',
    urna_electronica: 'Electronic ballot boxes',
  },
  seekSeccion: 'Go to section number',
  go: 'Go',
  notSeccion: 'A section is a number of up to four digits.',
  noSeccion: (id: string) => `There is no section ${id} here.`,
  seek: (one: string) => `Find a ${one.toLowerCase()} by name or number`,
  seekFound: (found: number) =>
    found === 0
      ? 'None matches what you look for.'
      : found === 1
        ? '1 matches'
        : `${count(found)} match`,
  sortHint: 'Sort by this column',
  figures: 'The 13 official figures',
  figureNames: {
    expected: ['Tally sheets expected', 'Those of every approved polling station.'],
    registered: ['Tally sheets registered', 'Captured and out of catalogue.'],
    out_of_catalogue: [
      'Tally sheets out of catalogue',
      'They match no approved polling station and add to no total.',
    ],
    captured: ['Tally sheets captured', 'Registered and within the catalogue.'],
    captured_share: ['Percentage of tally sheets captured', 'Of those expected.'],
    counted: ['Tally sheets counted', 'Those whose votes are in these results.'],
    counted_share: ['Percentage of tally sheets counted', 'Of those expected.'],
    inconsistent_share: [
      'Percentage of tally sheets with inconsistencies',
      'Illegible, blank or exceeding the voter list, of those expected.',
    ],
    not_counted: ['Tally sheets not counted', 'Captured, but they cannot be added.'],
    lista_nominal: [
      'Voter list of the counted tally sheets',
      'People who could vote at those polling stations.',
    ],
    votes_with_special: ['Votes with special polling stations', ''],
    votes_without_special: ['Votes without special polling stations', ''],
    participation: ['Turnout', ''],
  },
  participationRules: {
    special_casillas_in_last_cut:
      'Votes without special polling stations over the voter list of the counted tally sheets. The last cut includes the special ones.',
    special_casillas_never:
      'Votes without special polling stations over the voter list of the counted tally sheets.',
    special_casillas_always:
      'Votes with special polling stations over the voter list of the counted tally sheets.',
  },
  overList: {
    with_special:
      'Votes with special polling stations over the voter list of the counted tally sheets.',
    without_special:
      'Votes without special polling stations over the voter list of the counted tally sheets.',
    with_list:
      'Votes of the polling stations and tables with a voter list, over that list. Special ones have none.',
  },
  whyNoParticipation: {
    uncounted: 'There are no counted tally sheets here yet.',
    special:
      'People from other sections voted here (special polling station): there is no voter list to compare them with.',
    listless: 'The counted tally sheets of this place have no voter list.',
  },
  specialHere:
    'People from other sections voted here (special polling station): their votes are in the results, and not in the turnout of this part.',
  proportionalApart:
    'The votes on the tally sheets of proportional representation of special polling stations are not included.',
  outOfCatalogueTitle: 'Tally sheets out of catalogue',
  outOfCatalogueIntro:
    'These tally sheets were registered, but their identification matches no approved polling station. They add to no result.',
  outOfCatalogueNone: 'There are no tally sheets out of catalogue in this cut.',
  outOfCatalogueSee: (number: number) =>
    number === 1
      ? 'See the tally sheet out of catalogue'
      : `See the ${count(number)} tally sheets out of catalogue`,
  outOfCatalogueMore: (number: number) => `See ${count(number)} more`,
  outOfCatalogueActa: (position: number) => `Tally sheet ${position}`,

  casilla(kind: CasillaKind, number: number, extension: number): string {
    const numbered = number > 0 ? ` ${number}` : '';
    const names: Record<CasillaKind, string> = {
      B: 'Básica',
      C: `Contigua${numbered}`,
      E: `Extraordinaria${numbered}${extension > 0 ? ` contigua ${extension}` : ''}`,
      S: `Especial${numbered}`,
      M: `Vote from abroad, table${numbered}`,
      A: `Early vote, table${numbered}`,
      P: `Vote in pre-trial detention, table${numbered}`,
      U: `Electronic ballot box${numbered}`,
    };
    return names[kind];
  },
  casillas: 'Polling stations and their tally sheets',
  casillaColumn: 'Polling station',
  rpActa: 'proportional representation sheet',
  state: 'State',
  votesColumn: 'Votes',
  listaNominal: 'Voter list',
  noList: 'has none',
  counting: {
    '1': 'Counted',
    '0': 'Not counted',
    '2': 'Out of catalogue',
    '-1': 'Not captured yet',
  },
  countingReasons: {
    counted:
      'It has at least one amount to add and does not exceed its voter list: its votes are in these results.',
    notCaptured:
      'The tally sheet of this polling station is expected and has not been captured yet.',
    withoutActa:
      'There is no tally sheet to capture, so no votes of this polling station are added.',
    excess: (total: number, listaNominal: number, representatives: number) =>
      `Its ${count(total)} votes exceed the voter list (${count(listaNominal)}) plus the accredited representatives (${count(representatives)}). The amounts are published but not added.`,
    excessSpecial: (total: number, ballots: number) =>
      `Its ${count(total)} votes exceed the ${count(ballots)} ballots that a special polling station may receive. The amounts are published but not added.`,
    nothingToAdd: 'No amount of votes can be read, so there is nothing to add.',
    outOfCatalogue: 'It matches no approved polling station, so it is not added.',
    entityOnly:
      'It is a proportional representation sheet: its votes enter neither these totals nor turnout.',
  },
  corrected: 'Corrected',
  observationsTitle: 'Observations',
  noObservations: 'No observations.',
  observations: {
    ilegible: 'Some amounts are illegible.',
    sin_dato: 'Some spaces are blank.',
    algun_campo_ilegible_o_sin_dato: 'Some amount is illegible or blank; it adds 0.',
    todos_ilegibles: 'All amounts of votes are illegible.',
    todos_sin_dato: 'All spaces for votes are blank.',
    todos_ilegibles_o_sin_dato: 'All amounts of votes are illegible or blank.',
    excede_lista_nominal: 'The votes exceed the voter list plus the representatives.',
    sin_acta_paquete_no_entregado: 'No tally sheet: the package was not delivered.',
    sin_acta_casilla_no_instalada: 'No tally sheet: the polling station was not installed.',
    sin_acta_paquete_sin_bolsa: 'No tally sheet: the package came without the PREP bag.',
    sin_acta_contingencia_urna: 'No tally sheet: contingency of the electronic ballot box.',
    fuera_de_catalogo: 'Out of catalogue: it matches no approved polling station.',
    identificada_por_pto: 'Identified by the procedure of the technical operating process.',
    letra_distinta_de_numero: 'The amount in letters differs from the amount in numbers.',
    solo_letra: 'The amount is written in letters only.',
    solo_numero: 'The amount is written in numbers only.',
  },
  votesOnActas: 'Votes by party on these tally sheets',
  votesOnActa: 'Votes on the tally sheet',
  column: 'Party, candidacy or combination',
  amount: 'Amount',
  notOnBallot: 'Not on the ballot of this polling station',
  fieldStates: {
    ilegible: 'Illegible',
    sin_dato: 'Blank',
    sin_acta: 'No tally sheet',
    no_capturado: 'Not captured',
    no_en_boleta: 'Not on the ballot',
    no_aplica: 'Does not apply',
  },
  otherFields: 'Other amounts on the tally sheet',
  fields: {
    surplus_ballots: 'Surplus ballots',
    people_voted: 'People who voted',
    representatives_voted: 'Representatives who voted',
    ballots_taken: 'Votes taken from the box',
    total_written: 'Total votes written on the sheet',
    total: 'Total votes added by the system',
  },
  totalsDiffer:
    'The written total and the system’s sum differ. The results always use the system’s sum.',
  aboutCasilla: 'About the polling station',
  actaId: 'Key of the tally sheet',
  actaKind: 'Kind of tally sheet',
  representatives: 'Accredited representatives',
  ballotCeiling: 'Ballots it may receive',
  location: 'Location',
  locations: { '1': 'Urban', '2': 'Not urban' },
  way: 'The way of the tally sheet',
  receivedAt: 'Received',
  capturedAt: 'Captured',
  verifiedAt: 'Verified',
  origin: 'Where the image was made',
  origins: { casilla: 'At the polling station', catd: 'At the collection centre (CATD)' },
  digitization: 'How the image was made',
  digitizations: { movil: 'Mobile phone', escaner: 'Scanner', urna: 'Electronic ballot box' },
  document: 'Document captured',
  documents: {
    acta_prep: 'PREP tally sheet',
    rpp: 'Copy of a party’s representative',
    cc: 'Copy of the council',
    ppc: 'Party copy handed to the council',
    acta_vmre: 'Sheet of the vote of Mexicans abroad',
    acta_va: 'Sheet of the early vote',
    acta_vppp: 'Sheet of the vote in pre-trial detention',
    acta_ue: 'Sheet of the electronic ballot box',
  },
  transfer: 'Transfer',
  transfers: {
    D: 'support device',
    F: 'fixed reception and transfer centre',
    I: 'travelling reception and transfer centre',
  },
  cotejada: 'Check against the original',
  cotejadas: {
    '1': 'Checked',
    '2': 'Checked after a modification',
    '3': 'Checked and not accepted: being corrected',
  },
  image: 'Integrity code of the image (SHA-256)',
  imageOf: {
    title: 'Image of the tally sheet',
    none: 'The image of this tally sheet is not here: all there is of it is its integrity code, below. Whoever has the image can check with it that it is the same.',
    see: (size) => `See the image (${size})`,
    before: 'Before it is shown, your device checks that it is the one that the station signed.',
    right: 'Your device checked that this is the image that the station signed.',
    again: 'Try again',
    alt: (name) => `Image of the tally sheet: ${name}`,
    save: 'Save the image file',
    zoom: 'Size of the image',
    larger: 'Larger',
    smaller: 'Smaller',
    whole: 'See all of it',
    keys: 'To move it: drag it, use the scroll bars or the arrow keys. To make it larger or smaller: the buttons, two fingers, or the keys +, − and 0.',
    faults: {
      network: 'The image could not be fetched. Try again.',
      'cut-off': 'The image did not come whole. Try again.',
      missing:
        'This publisher does not have the image yet. Try again later, or look for it at another publisher.',
      altered:
        'What came is not the image that the station signed, so it is not shown. Look for it at another publisher.',
      unreadable: 'It is the image that the station signed, but this browser cannot show it.',
      'unknown-format': 'The image could not be fetched. Try again.',
      older: 'The image could not be fetched. Try again.',
    },
  },
  noTime: 'Not recorded',
  versions: 'Published versions',
  firstVersion: 'First version',
  correction: 'Correction',
  leafOf: (leaf: number) => `Leaf ${count(leaf)} of the public log`,
  check: {
    title: 'Check it yourself',
    menu: 'Check',
    intro:
      'Your own browser verifies the signatures and does the sums again, without believing the server. Nothing that you check leaves your device.',
    link: 'Check these results yourself',
    acta: 'Check this tally sheet',
    code: 'Code of the tally sheet in the public log (SHA-256)',
    held: (holders: number, publishers: number) =>
      `Held by ${count(holders)} of ${count(publishers)} publishers`,
    failed: 'What is needed to check could not be fetched. Try again.',
  },
  footer: [
    'PREP results are preliminary and informative. They are not final and have no legal effect.',
    'Percentages show four decimals, not rounded; so they may not add up to exactly 100 %.',
  ],
};
