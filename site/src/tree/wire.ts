/**
 * The published tree's formats, field by field as `openprep.wire` and `openprep.election` declare
 * them; `tests/page/figures/test_wire.py` holds both sides together. What is an array on the wire is a
 * labelled tuple here. Shares are integers in ten-thousandths of a percent, times are ISO 8601 in the
 * official zone. What readers are told of these is in `results.ts` and `seccion.ts`.
 */

export const SCHEMA = 2;

/** Instead of a position: nobody leads, or an acta has no standing version. */
export const NOBODY = -1;

/** Id of the unit for actas that belong to no unit, as those of the vote from abroad. */
export const NO_AREA = '000';

export type Level =
  'national' | 'circunscripcion' | 'entity' | 'district' | 'municipality' | 'secciones' | 'seccion';
export type CutKind = 'zero' | 'live' | 'database' | 'closing';
export type CasillaKind = 'B' | 'C' | 'E' | 'S' | 'M' | 'A' | 'P' | 'U';
export type ActaGroup =
  | 'urbana'
  | 'no_urbana'
  | 'especial'
  | 'extranjero'
  | 'anticipado'
  | 'prision_preventiva'
  | 'urna_electronica';
export type ColumnKind = 'party' | 'combination' | 'independent' | 'unregistered' | 'null';
export type FieldState =
  'ilegible' | 'sin_dato' | 'sin_acta' | 'no_capturado' | 'no_en_boleta' | 'no_aplica';
export type Observation =
  | 'ilegible'
  | 'sin_dato'
  | 'algun_campo_ilegible_o_sin_dato'
  | 'todos_ilegibles'
  | 'todos_sin_dato'
  | 'todos_ilegibles_o_sin_dato'
  | 'excede_lista_nominal'
  | 'sin_acta_paquete_no_entregado'
  | 'sin_acta_casilla_no_instalada'
  | 'sin_acta_paquete_sin_bolsa'
  | 'sin_acta_contingencia_urna'
  | 'fuera_de_catalogo'
  | 'identificada_por_pto'
  | 'letra_distinta_de_numero'
  | 'solo_letra'
  | 'solo_numero';
export type Origin = 'casilla' | 'catd';
export type Digitization = 'movil' | 'escaner' | 'urna';
export type DocumentKind =
  'acta_prep' | 'rpp' | 'cc' | 'ppc' | 'acta_vmre' | 'acta_va' | 'acta_vppp' | 'acta_ue';
export type Participation =
  'special_casillas_in_last_cut' | 'special_casillas_never' | 'special_casillas_always';
/** Which votes stand over the lista nominal in a participation. */
export type VotesOverList = 'with_special' | 'without_special' | 'with_list';
/** Why there are more votes than people on it. */
export type AboveList = 'without_list' | 'beyond_list';
export type RpActas = 'counted' | 'entity_only';

/** Urban 1, not urban 2. */
export type Location = 1 | 2;
export type VoteField = number | FieldState;

/** A file by its content: SHA-256 in lower-case hex. */
export interface Ref {
  sha256: string;
  size: number;
}

/** SHA-256 in base64url without padding: how objects name each other. */
export type Digest = string;

/** Where an object stands in this tree's packs (`Location` in Python). */
export type At = [pack: number, offset: number, size: number];

/** An object, and where this tree has it. */
export interface Link {
  digest: Digest;
  at: At;
}

/** `cuts/<n>.where`: where the root of each contest's results stands, by contest. */
export interface Where {
  schema: number;
  cut: number;
  roots: Record<string, At>;
}

/** What a participation is made of: `votes` over the lista nominal. */
export interface Basis {
  of: VotesOverList;
  votes: number;
  above: AboveList | null;
}

export interface Summary {
  expected: number;
  registered: number;
  out_of_catalogue: number;
  captured: number;
  captured_share: number;
  counted: number;
  counted_share: number;
  inconsistent_share: number;
  not_counted: number;
  lista_nominal: number;
  votes_with_special: number;
  votes_without_special: number;
  participation: number | null;
  basis: Basis;
}

/** One of the 13. */
export type Figure = Exclude<keyof Summary, 'basis'>;

export interface Pointer {
  schema: number;
  election: string;
  drill: boolean;
  cut: number;
  time: string;
  kind: CutKind;
  manifest: Ref;
  database: string | null;
}

export interface TreeFile {
  kind: 'database';
  sha256: string;
  size: number;
}

export interface ContestCut {
  id: string;
  title: string;
  summary: Summary;
  votes: Votes;
  won: UnitsWon[];
  results: Digest;
}

export interface Manifest {
  schema: number;
  election: string;
  drill: boolean;
  cut: number;
  time: string;
  kind: CutKind;
  previous: string | null;
  record_position: number;
  leaf: number;
  description: Ref;
  contests: ContestCut[];
  files: Record<string, TreeFile>;
  database: string | null;
}

export interface AreaName {
  level: Level;
  path: string;
  name: string;
}

export interface CandidacyVotes {
  key: string;
  name: string | null;
  parties: string[];
  votes: number;
  share: number;
}

export interface PartyVotes {
  party: string;
  votes: number;
  share: number;
}

export interface Votes {
  total: number;
  unregistered: number;
  null: number;
  off_ballot: number;
  columns: number[];
  candidacies: CandidacyVotes[];
}

export interface UnitsWon {
  key: string;
  units: number;
  second: number;
}

export interface ProportionalVotes {
  expected: number;
  captured: number;
  counted: number;
  total: number;
  columns: number[];
}

/** What a table of areas shows of each, by column, in the order of the areas. */
export interface Places {
  captured: number[];
  counted: number[];
  total: number[];
  /** Positions among the contest's contenders. */
  leader: number[];
  leader_votes: number[];
}

/** The 13 figures in the official order, and what the last is made of. */
export type SummaryRow = [
  expected: number,
  registered: number,
  out_of_catalogue: number,
  captured: number,
  captured_share: number,
  counted: number,
  counted_share: number,
  inconsistent_share: number,
  not_counted: number,
  lista_nominal: number,
  votes_with_special: number,
  votes_without_special: number,
  participation: number | null,
  basis: Basis,
];

export interface AreaVotes {
  columns: number[];
  candidacies: number[];
  off_ballot: number;
}

export type GroupRow = [
  expected: number,
  captured: number,
  counted: number,
  lista_nominal: number,
  votes_with_list: number,
  total: number,
  unregistered: number,
  null_: number,
  off_ballot: number,
  candidacies: number[],
];

export type WonRow = [contender: number, units: number, second: number];

export interface Area {
  kind: 'area';
  schema: number;
  election: string;
  contest: string;
  level: Level;
  path: string;
  catalogue: Digest;
  summary: SummaryRow;
  votes: AreaVotes;
  parties: number[];
  groups: GroupRow[];
  children: Digest[];
  places: Places;
  won?: WonRow[];
  proportional?: ProportionalVotes | null;
  outside?: Digest | null;
}

export type RunningRow = [contender: number, key: string, name: string | null, parties: string[]];

export type GroupInArea = [group: ActaGroup, secciones: string[]];

export interface AreaCatalogue {
  kind: 'area_catalogue';
  schema: number;
  election: string;
  contest: string;
  name: string;
  parents: AreaName[];
  running: RunningRow[];
  parties: string[];
  groups: GroupInArea[];
  level: Level;
  ids: string[];
  names: string[];
  expected: number[];
}

export interface Run {
  kind: 'run';
  schema: number;
  election: string;
  contest: string;
  path: string;
  catalogue: Digest;
  places: Places;
  /** Of each acta its standing version, where its entry begins in its bundle, and its image's size. */
  leaves: number[];
  offsets: number[];
  images: number[];
  /** Superseded versions, oldest first, by the acta's position in the run. */
  earlier?: Record<string, number[]>;
}

export interface RunCatalogue {
  kind: 'run_catalogue';
  schema: number;
  election: string;
  contest: string;
  path: string;
  secciones: string[];
  /** How many actas each section has. */
  actas: number[];
  expected: ExpectedColumns;
}

/** An acta out of catalogue that was identified: its leaf, and the leaf that said what it is. */
export type Identified = [leaf: number, by: number];

export interface Outside {
  kind: 'outside';
  schema: number;
  election: string;
  contest: string;
  leaves: number[];
  offsets: number[];
  images: number[];
  identified?: Identified[];
}

export interface ExpectedActa {
  id: string;
  area: string;
  seccion: string;
  kind: CasillaKind;
  number: number;
  extension: number;
  location: Location;
  tipo_acta: string;
  lista_nominal: number;
  representatives: number | null;
}

/** Expected actas as columns, each with one value for each acta. */
export interface ExpectedColumns {
  ids: string[];
  areas: string[];
  secciones: string[];
  kinds: CasillaKind[];
  numbers: number[];
  extensions: number[];
  locations: Location[];
  tipos: string[];
  lista_nominal: number[];
  representatives: (number | null)[];
}

/** One version of one acta as it was captured. */
export interface Acta {
  contest: string;
  /** `null` out of catalogue. */
  acta: string | null;
  votes: VoteField[];
  surplus_ballots: VoteField;
  people_voted: VoteField;
  representatives_voted: VoteField;
  ballots_taken: VoteField;
  total_written: VoteField;
  observations: Observation[];
  transfer: string;
  image_sha256: string | null;
  received_at: string | null;
  captured_at: string | null;
  verified_at: string | null;
  origin: Origin | null;
  digitization: Digitization | null;
  document: DocumentKind | null;
  cotejada: number | null;
}

/** A leaf of the log that is an acta: an array on the wire (`check/log/leaf.ts`). */
export interface ActaLeaf extends Acta {
  version: number;
  /** When it entered the record. */
  at: string;
  /** Why it was corrected. */
  reason: string | null;
  /** Leaf of the acta out of catalogue that turned out to be this one. */
  identifies: number | null;
}

export interface PublishedWindow {
  opens: string;
  closes: string;
  time_zone: string;
}

export interface PublishedRules {
  participation: Participation;
  excess_exempt: CasillaKind[];
}

export interface Candidacy {
  key: string;
  name: string;
  substitute: string;
  columns: string[];
}

export interface Column {
  id: string;
  kind: ColumnKind;
  parties: string[];
}

export interface Party {
  id: string;
  name: string;
  colour: string;
}

export interface Seats {
  majority: number;
  first_minority: number;
  proportional: number;
}

export interface Candidacies {
  kind: 'candidacies';
  schema: number;
  election: string;
  contest: string;
  units: Record<string, Candidacy[]>;
}

/** All that a contest expects: its actas, and the areas above their sections with their names. */
export interface Catalogue {
  kind: 'catalogue';
  schema: number;
  election: string;
  contest: string;
  areas: AreaName[];
  expected: ExpectedColumns;
}

export interface PublishedContest {
  id: string;
  title: string;
  office: string;
  levels: Level[];
  columns: Column[];
  running: Ref;
  catalogue: Ref;
  rp_tipos: string[];
  rp_actas: RpActas;
  constituency: Level | null;
  seats: Seats;
}

export interface ElectionDescription {
  kind: 'election';
  schema: number;
  id: string;
  name: string;
  authority: string;
  drill: boolean;
  digest: string;
  root: AreaName;
  window: PublishedWindow;
  rules: PublishedRules;
  parties: Party[];
  contests: PublishedContest[];
  seed: number | null;
  districting: number | null;
}

/** Objects in packs, by kind. */
export interface ResultObjects {
  area: Area;
  area_catalogue: AreaCatalogue;
  run: Run;
  run_catalogue: RunCatalogue;
  outside: Outside;
}

/** Objects that are files, by kind: what never changes. */
export interface DeclaredObjects {
  election: ElectionDescription;
  candidacies: Candidacies;
  catalogue: Catalogue;
}
