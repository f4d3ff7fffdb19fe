/**
 * What a reader is told of an area: its object joined with what never changes of it. The wire says
 * each fact once (`wire.ts`); here names stand beside figures and shares beside votes again.
 */

import { shareOf } from '../figures/format';
import {
  NOBODY,
  type ActaGroup,
  type Area,
  type AreaCatalogue,
  type AreaName,
  type CandidacyVotes,
  type ExpectedActa,
  type ExpectedColumns,
  type Level,
  type Link,
  type PartyVotes,
  type Places,
  type ProportionalVotes,
  type Run,
  type RunCatalogue,
  type RunningRow,
  type Summary,
  type SummaryRow,
  type UnitsWon,
  type Votes,
} from './wire';

/** One area below, with what a table of areas shows. A section is read out of its run: `object`. */
export interface ChildArea {
  level: Level;
  path: string;
  name: string;
  object: Link;
  expected: number;
  captured: number;
  counted: number;
  total: number;
  leader: string | null;
  leader_votes: number;
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

/** The root or an area above the sections; the children of a unit are runs. */
export interface AreaResults {
  kind: 'area';
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
  out_of_catalogue: Link | null;
  proportional: ProportionalVotes | null;
  /** Who runs here, in the order of `votes.candidacies`. */
  running: RunningRow[];
}

/** A run of sections, and what it expects. */
export interface RunResults {
  run: Run;
  expected: RunCatalogue;
  sections: ChildArea[];
}

/** Joins an area with its catalogue; `below` says where its parts are. Throws where the two do not fit together. */
export function joinArea(
  area: Area,
  catalogue: AreaCatalogue,
  below: { children: readonly Link[]; outside: Link | null },
): AreaResults {
  const { running } = catalogue;
  const total = sum(area.votes.columns);
  const ids = catalogue.ids.map((id, index) => ({
    path: area.path ? `${area.path}/${id}` : id,
    name: catalogue.names[index] ?? id,
    object: below.children[index]!,
    expected: catalogue.expected[index]!,
  }));
  fitting(catalogue.ids, [catalogue.expected, below.children]);
  fitting(running, [area.votes.candidacies]);
  fitting(catalogue.parties, [area.parties]);
  fitting(catalogue.groups, [area.groups]);
  return {
    kind: 'area',
    contest: area.contest,
    level: area.level,
    path: area.path,
    name: catalogue.name,
    parents: catalogue.parents,
    summary: summaryOf(area.summary),
    votes: votesOf(area.votes.columns, area.votes.candidacies, area.votes.off_ballot, running),
    parties: catalogue.parties.map((party, index) => {
      const votes = area.parties[index]!;
      return { party, votes, share: shareOf(votes, total) };
    }),
    groups: catalogue.groups.map(([group, secciones], index) => {
      const [expected, captured, counted, lista, withList, all, unregistered, nulls, off, votes] =
        area.groups[index]!;
      return {
        group,
        expected,
        captured,
        counted,
        lista_nominal: lista,
        votes_with_list: withList,
        total: all,
        unregistered,
        null: nulls,
        off_ballot: off,
        candidacies: votes,
        secciones,
      };
    }),
    won: (area.won ?? []).map(([contender, units, second]) => ({
      key: keyOf(running, contender)!,
      units,
      second,
    })),
    children: listed(catalogue.level, ids, area.places, running),
    out_of_catalogue: below.outside,
    proportional: area.proportional ?? null,
    running,
  };
}

/** Joins a run with its catalogue, below the unit that names it. Throws where they do not fit together. */
export function joinRun(
  run: Run,
  expected: RunCatalogue,
  unit: AreaResults,
  object: Link,
): RunResults {
  fitting(expected.secciones, [expected.actas]);
  const { leaves, offsets, images } = run;
  fitting(expected.expected.ids, [leaves, offsets, images, ...Object.values(expected.expected)]);
  if (sum(expected.actas) !== leaves.length) throw new TypeError(run.path);
  const sections = expected.secciones.map((name, index) => ({
    path: unit.path ? `${unit.path}/${name}` : name,
    name,
    object,
    expected: expected.actas[index]!,
  }));
  return { run, expected, sections: listed('seccion', sections, run.places, unit.running) };
}

/** An acta out of the columns of those that are expected. */
export function expectedAt(columns: ExpectedColumns, index: number): ExpectedActa {
  return {
    id: columns.ids[index]!,
    area: columns.areas[index]!,
    seccion: columns.secciones[index]!,
    kind: columns.kinds[index]!,
    number: columns.numbers[index]!,
    extension: columns.extensions[index]!,
    location: columns.locations[index]!,
    tipo_acta: columns.tipos[index]!,
    lista_nominal: columns.lista_nominal[index]!,
    representatives: columns.representatives[index]!,
  };
}

/** Votes with the names of who received them. */
export function votesOf(
  columns: number[],
  candidacies: readonly number[],
  offBallot: number,
  running: readonly RunningRow[],
): Votes {
  const total = sum(columns);
  const [unregistered = 0, nulls = 0] = columns.slice(-2);
  return {
    total,
    unregistered,
    null: nulls,
    off_ballot: offBallot,
    columns,
    candidacies: running.map(([, key, name, parties], index): CandidacyVotes => {
      const votes = candidacies[index]!;
      return { key, name, parties, votes, share: shareOf(votes, total) };
    }),
  };
}

function summaryOf(row: SummaryRow): Summary {
  const [expected, registered, out, captured, capturedShare, counted, countedShare] = row;
  const [inconsistent, notCounted, lista, withSpecial, withoutSpecial, participation, basis] =
    row.slice(7) as [number, number, number, number, number, number | null, Summary['basis']];
  return {
    expected,
    registered,
    out_of_catalogue: out,
    captured,
    captured_share: capturedShare,
    counted,
    counted_share: countedShare,
    inconsistent_share: inconsistent,
    not_counted: notCounted,
    lista_nominal: lista,
    votes_with_special: withSpecial,
    votes_without_special: withoutSpecial,
    participation,
    basis,
  };
}

function listed(
  level: Level,
  areas: readonly Pick<ChildArea, 'path' | 'name' | 'object' | 'expected'>[],
  { captured, counted, total, leader, leader_votes }: Places,
  running: readonly RunningRow[],
): ChildArea[] {
  fitting(areas, [captured, counted, total, leader, leader_votes]);
  return areas.map((area, index) => ({
    level,
    ...area,
    captured: captured[index]!,
    counted: counted[index]!,
    total: total[index]!,
    leader: keyOf(running, leader[index]!),
    leader_votes: leader_votes[index]!,
  }));
}

function keyOf(running: readonly RunningRow[], contender: number): string | null {
  if (contender === NOBODY) return null;
  const row = running.find(([position]) => position === contender);
  if (!row) throw new TypeError(`contender ${contender}`);
  return row[1];
}

/** Columns have a value for each of what they are of. */
function fitting(of: readonly unknown[], columns: readonly (readonly unknown[])[]): void {
  if (columns.some((column) => column.length !== of.length)) throw new TypeError('columns');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
