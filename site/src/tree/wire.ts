/**
 * The published tree's formats, field by field as `openprep.wire` and `openprep.election` declare
 * them; `tests/page/figures/test_wire.py` holds both sides together. Shares are integers in ten-thousandths
 * of a percent, times are ISO 8601 in the official zone.
 */

export const SCHEMA = 1;

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

/** COUNTED 1, NOT_COUNTED 0, OUT_OF_CATALOGUE 2, NOT_CAPTURED -1. */
export type Counting = 1 | 0 | 2 | -1;
/** Urban 1, not urban 2. */
export type Location = 1 | 2;
export type VoteField = number | FieldState;

/** An object by its content. With `pack` and `offset` its bytes are inside `cuts/<pack>.pack`. */
export interface Ref {
  sha256: string;
  size: number;
  pack?: number;
  offset?: number;
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
  kind: 'page' | 'standing' | 'asset' | 'pack' | 'database';
  sha256: string;
  size: number;
}

export interface ContestCut {
  id: string;
  title: string;
  summary: Summary;
  votes: Votes;
  won: UnitsWon[];
  results: Ref;
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
  pack: Ref;
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

export interface ChildArea {
  level: Level;
  path: string;
  name: string;
  object: Ref;
  expected: number;
  captured: number;
  counted: number;
  total: number;
  leader: string | null;
  leader_votes: number;
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

export interface GroupResults {
  group: ActaGroup;
  expected: number;
  captured: number;
  counted: number;
  lista_nominal: number;
  votes_with_list: number;
  total: number;
  unregistered: number;
  null: number;
  off_ballot: number;
  candidacies: number[];
  secciones: string[];
}

export interface AreaResults {
  kind: 'area';
  schema: number;
  election: string;
  contest: string;
  level: Level;
  path: string;
  name: string;
  parents: AreaName[];
  summary: Summary;
  votes: Votes;
  parties: PartyVotes[];
  groups: GroupResults[];
  won: UnitsWon[];
  children: ChildArea[];
  out_of_catalogue: Ref | null;
  proportional: ProportionalVotes | null;
}

export interface Version {
  at: string;
  leaf: number;
  reason: string | null;
  /** Leaf of the acta out of catalogue that turned out to be this one. */
  identifies?: number;
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

/** Fields at their default are left out on the wire. */
export interface Acta {
  contest: string;
  acta: string | null;
  votes: VoteField[];
  surplus_ballots: VoteField;
  people_voted: VoteField;
  representatives_voted: VoteField;
  ballots_taken: VoteField;
  total_written: VoteField;
  observations?: Observation[];
  transfer?: string;
  image_sha256?: string | null;
  received_at?: string | null;
  captured_at?: string | null;
  verified_at?: string | null;
  origin?: Origin | null;
  digitization?: Digitization | null;
  document?: DocumentKind | null;
  cotejada?: number | null;
}

export interface PublishedActa {
  expected: ExpectedActa;
  counting: Counting;
  total: number;
  acta: Acta | null;
  versions: Version[];
  /** Bytes of its image, where the tree has it at `actas/<image_sha256>.jpg`. */
  image?: number | null;
}

export interface SeccionResults {
  kind: 'seccion';
  schema: number;
  election: string;
  contest: string;
  level: Level;
  path: string;
  name: string;
  parents: AreaName[];
  summary: Summary;
  votes: Votes;
  actas: PublishedActa[];
}

/** An acta that was out of catalogue until it was identified: one paper, counted once. */
export interface Identified {
  /** Leaf of its version out of catalogue. */
  leaf: number;
  at: string;
  /** What it turned out to be. */
  acta: string;
  /** Leaf of the version that said so. */
  by: number;
}

export interface OutOfCatalogue {
  kind: 'out_of_catalogue';
  schema: number;
  election: string;
  contest: string;
  actas: Acta[];
  versions: Version[];
  /** Bytes of each of their images that the tree has, by its digest. */
  images?: Record<string, number>;
  /** Those that stood here before, in the order in which they were identified. */
  identified?: Identified[];
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

export interface PublishedContest {
  id: string;
  title: string;
  office: string;
  levels: Level[];
  columns: Column[];
  running: Ref;
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

export interface PublishedObjects {
  area: AreaResults;
  seccion: SeccionResults;
  out_of_catalogue: OutOfCatalogue;
  candidacies: Candidacies;
  election: ElectionDescription;
}
