/**
 * The arithmetic of PREP over actas, written plainly: whole numbers, one acta at a time. Sources:
 * spec A.4 (which actas count), B.4 (the 13 figures), G.1 (actas of proportional representation),
 * G.3 (coalitions, LGIPE 311.1.c).
 */

import { groupsOf } from '../figures/groups';
import { runningIn, type Contest } from '../figures/running';
import type {
  Acta,
  ActaGroup,
  Basis,
  ExpectedActa,
  Observation,
  PublishedRules,
  Summary,
  VotesOverList,
} from '../tree/wire';

/** COUNTED 1, NOT_COUNTED 0, OUT_OF_CATALOGUE 2, NOT_CAPTURED -1. */
export type Counting = 1 | 0 | 2 | -1;

export const WITHOUT_ACTA: ReadonlySet<Observation> = new Set([
  'sin_acta_paquete_no_entregado',
  'sin_acta_casilla_no_instalada',
  'sin_acta_paquete_sin_bolsa',
  'sin_acta_contingencia_urna',
]);

export const INCONSISTENT: ReadonlySet<Observation> = new Set([
  'ilegible',
  'sin_dato',
  'algun_campo_ilegible_o_sin_dato',
  'todos_ilegibles',
  'todos_sin_dato',
  'todos_ilegibles_o_sin_dato',
  'excede_lista_nominal',
]);

/** `part` of `whole` in ten-thousandths of a percent, truncated; 0 of nothing. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Number((BigInt(part) * 1_000_000n) / BigInt(whole));
}

/** What a captured acta says that is counted. */
export interface Sheet {
  /** By column; 0 where there is no count. */
  votes: ArrayLike<number>;
  /** Whether any of them is a count. */
  hasCount: boolean;
  /** Whether the acta never arrived. */
  isWithout: boolean;
  isInconsistent: boolean;
}

export function sheetOf({ votes, observations = [] }: Pick<Acta, 'votes'> & Partial<Acta>): Sheet {
  return {
    votes: votes.map((field) => (typeof field === 'number' ? field : 0)),
    hasCount: votes.some((field) => typeof field === 'number'),
    isWithout: observations.some((observation) => WITHOUT_ACTA.has(observation)),
    isInconsistent: observations.some((observation) => INCONSISTENT.has(observation)),
  };
}

/** What of an expected acta its counting asks for. */
export type Declared = Pick<
  ExpectedActa,
  'kind' | 'location' | 'tipo_acta' | 'lista_nominal' | 'representatives'
>;

/** Whether a captured acta of the catalogue counts, and the votes that it carries. */
export function countOf(
  { votes, hasCount, isWithout }: Sheet,
  expected: Pick<Declared, 'kind' | 'lista_nominal' | 'representatives'>,
  rules: PublishedRules,
): { counting: 0 | 1; total: number } {
  let total = 0;
  for (let index = 0; index < votes.length; index += 1) total += votes[index]!;
  const limit = expected.lista_nominal + (expected.representatives ?? 0);
  const exceeds = total > limit && !rules.excess_exempt.includes(expected.kind);
  return { counting: isWithout || !hasCount || exceeds ? 0 : 1, total };
}

/** Votes of actas of proportional representation that enter no total. */
export interface Apart {
  expected: number;
  captured: number;
  counted: number;
  total: number;
  columns: number[];
}

/** Votes by candidacy, of no candidacy, and all of them. */
export interface RecountedVotes {
  total: number;
  unregistered: number;
  null: number;
  off_ballot: number;
  candidacies: { key: string; votes: number }[];
}

/** What the actas of one group come to. */
export interface RecountedGroup extends GroupActas, RecountedVotes {}

/** What a contest comes to, counted from its actas. */
export interface Recounted {
  summary: Summary;
  columns: number[];
  total: number;
  unregistered: number;
  null: number;
  off_ballot: number;
  candidacies: { key: string; votes: number; share: number }[];
  parties: { party: string; votes: number; share: number }[];
  proportional: Apart | null;
  groups: Map<ActaGroup, RecountedGroup>;
}

const NOTHING = {
  expected: 0,
  outOfCatalogue: 0,
  captured: 0,
  counted: 0,
  inconsistent: 0,
  listaNominal: 0,
  withSpecial: 0,
  withoutSpecial: 0,
  withList: 0,
};

type Figures = typeof NOTHING;

const NO_ACTAS = { expected: 0, captured: 0, counted: 0, lista_nominal: 0, votes_with_list: 0 };

type GroupActas = typeof NO_ACTAS;

/** What was counted of a group so far. */
interface GroupCounted {
  actas: GroupActas;
  /** Votes by column of each unit. */
  units: Map<string, number[]>;
}

/** Counts the actas of a contest, or of an area of it; they come in any order, each once. */
export class ContestTally {
  readonly #units = new Map<string, number[]>();
  readonly #groups = new Map<ActaGroup, GroupCounted>();
  readonly #apart: Apart;
  readonly #figures: Figures = { ...NOTHING };

  constructor(
    private readonly contest: Contest,
    private readonly rules: PublishedRules,
    private readonly closing: boolean,
  ) {
    this.#apart = { expected: 0, captured: 0, counted: 0, total: 0, columns: this.#zeros() };
  }

  #zeros(): number[] {
    return this.contest.columns.map(() => 0);
  }

  /** Actas that match no casilla: they are registered and enter nothing else. */
  addOutOfCatalogue(actas: number): void {
    this.#figures.outOfCatalogue += actas;
  }

  /** An expected acta of the unit at `unit`, and what it says if it is captured. */
  add(unit: string, expected: Declared, sheet: Sheet | null): void {
    const isRp = this.contest.rp_tipos.includes(expected.tipo_acta);
    const isApart = isRp && this.contest.rp_actas === 'entity_only';
    this.#figures.expected += 1;
    if (isApart) this.#apart.expected += 1;
    const groups = groupsOf(expected).map((group) => this.#groupOf(group));
    for (const { actas } of groups) actas.expected += 1;
    if (sheet) this.#capture(unit, expected, sheet, isApart, groups);
  }

  #capture(
    unit: string,
    expected: Declared,
    sheet: Sheet,
    isApart: boolean,
    groups: GroupCounted[],
  ): void {
    const { counting, total } = countOf(sheet, expected, this.rules);
    const figures = this.#figures;
    figures.captured += 1;
    if (sheet.isInconsistent) figures.inconsistent += 1;
    if (isApart) this.#apart.captured += 1;
    for (const { actas } of groups) actas.captured += 1;
    if (counting !== 1) return;
    figures.counted += 1;
    figures.listaNominal += expected.lista_nominal;
    for (const { actas } of groups) {
      actas.counted += 1;
      actas.lista_nominal += expected.lista_nominal;
    }
    if (isApart) {
      this.#apart.counted += 1;
      this.#apart.total += total;
      addTo(this.#apart.columns, sheet.votes);
      return;
    }
    figures.withSpecial += total;
    if (expected.kind !== 'S') figures.withoutSpecial += total;
    if (expected.lista_nominal > 0) {
      figures.withList += total;
      for (const { actas } of groups) actas.votes_with_list += total;
    }
    addTo(this.#columnsOf(unit, this.#units), sheet.votes);
    for (const group of groups) addTo(this.#columnsOf(unit, group.units), sheet.votes);
  }

  #groupOf(group: ActaGroup): GroupCounted {
    let found = this.#groups.get(group);
    if (!found) {
      found = { actas: { ...NO_ACTAS }, units: new Map() };
      this.#groups.set(group, found);
    }
    return found;
  }

  #columnsOf(unit: string, units: Map<string, number[]>): number[] {
    let columns = units.get(unit);
    if (!columns) {
      columns = this.#zeros();
      units.set(unit, columns);
    }
    return columns;
  }

  /** What the actas added so far come to. */
  result(): Recounted {
    return {
      summary: this.#summary(this.#basisOfWhole()),
      ...this.#sumsOf(this.#units),
      proportional: this.#apart.expected > 0 ? this.#apart : null,
      groups: new Map(
        [...this.#groups].map(([group, { actas, units }]) => [
          group,
          { ...actas, ...this.#sumsOf(units) },
        ]),
      ),
    };
  }

  #sumsOf(units: ReadonlyMap<string, number[]>) {
    const sums = new Sums(this.contest);
    for (const [unit, columns] of units) sums.addUnit(unit, columns);
    return sums.result();
  }

  /** What the actas of an area below the root come to: special casillas never enter its participation. */
  summaryOfArea(): Summary {
    return this.#summary(this.#basisOf('with_list', this.#figures.withList));
  }

  /** The participation of the whole is the official one, 0.0000 of nothing; below, there is none of nothing. */
  #summary(basis: Basis): Summary {
    const figures = this.#figures;
    const isNone = basis.of === 'with_list' && figures.listaNominal === 0;
    return {
      expected: figures.expected,
      registered: figures.captured + figures.outOfCatalogue,
      out_of_catalogue: figures.outOfCatalogue,
      captured: figures.captured,
      captured_share: share(figures.captured, figures.expected),
      counted: figures.counted,
      counted_share: share(figures.counted, figures.expected),
      inconsistent_share: share(figures.inconsistent, figures.expected),
      not_counted: figures.captured - figures.counted,
      lista_nominal: figures.listaNominal,
      votes_with_special: figures.withSpecial,
      votes_without_special: figures.withoutSpecial,
      participation: isNone ? null : share(basis.votes, figures.listaNominal),
      basis,
    };
  }

  #basisOfWhole(): Basis {
    const { withSpecial, withoutSpecial } = this.#figures;
    const rule = this.rules.participation;
    const special =
      rule === 'special_casillas_always' ||
      (rule === 'special_casillas_in_last_cut' && this.closing);
    return special
      ? this.#basisOf('with_special', withSpecial)
      : this.#basisOf('without_special', withoutSpecial);
  }

  #basisOf(of: VotesOverList, votes: number): Basis {
    const { listaNominal, withList } = this.#figures;
    const reason = withList > listaNominal ? 'beyond_list' : 'without_list';
    return { of, votes, above: votes > listaNominal ? reason : null };
  }
}

function addTo(columns: number[], votes: ArrayLike<number>): void {
  for (let index = 0; index < votes.length; index += 1) columns[index]! += votes[index]!;
}

/** Votes by column, candidacy and party: each unit by its own ballot, then added up. */
class Sums {
  readonly #columns: number[];
  readonly #candidacies = new Map<string, number>();
  readonly #parties = new Map<string, number>();
  readonly #others = { unregistered: 0, null: 0, off_ballot: 0 };

  constructor(private readonly contest: Contest) {
    this.#columns = contest.columns.map(() => 0);
    for (const { key } of Object.values(contest.candidacies).flat()) this.#candidacies.set(key, 0);
    for (const { kind, parties } of contest.columns) {
      if (kind === 'party' || kind === 'independent') this.#parties.set(parties[0]!, 0);
    }
  }

  addUnit(unit: string, columns: readonly number[]): void {
    addTo(this.#columns, columns);
    const receiver = new Map<string, string>();
    for (const { key, columns: own } of runningIn(this.contest, unit)) {
      for (const id of own) receiver.set(id, key);
    }
    this.contest.columns.forEach(({ id, kind }, index) => {
      const votes = columns[index]!;
      const key = receiver.get(id);
      if (kind === 'unregistered' || kind === 'null') this.#others[kind] += votes;
      else if (key === undefined) this.#others.off_ballot += votes;
      else this.#candidacies.set(key, this.#candidacies.get(key)! + votes);
    });
    this.#distribute(columns, receiver);
  }

  /** LGIPE 311.1.c within the unit; of columns that are not on its ballot no party has a vote. */
  #distribute(columns: readonly number[], ballot: ReadonlyMap<string, string>): void {
    const own = new Map<string, number>();
    const onBallot = this.contest.columns.map(({ id }, index) =>
      ballot.has(id) ? columns[index]! : 0,
    );
    this.contest.columns.forEach(({ kind, parties }, index) => {
      if (kind === 'party' || kind === 'independent') own.set(parties[0]!, onBallot[index]!);
    });
    for (const [party, votes] of own) this.#give(party, votes);
    this.contest.columns.forEach(({ kind, parties }, index) => {
      if (kind !== 'combination') return;
      const left = onBallot[index]! % parties.length;
      const equal = (onBallot[index]! - left) / parties.length;
      // A stable order: a tie goes to the first on the ballot.
      const strongest = parties.toSorted((a, b) => own.get(b)! - own.get(a)!);
      strongest.forEach((party, rank) => this.#give(party, equal + (rank < left ? 1 : 0)));
    });
  }

  #give(party: string, votes: number): void {
    this.#parties.set(party, this.#parties.get(party)! + votes);
  }

  result(): Omit<Recounted, 'summary' | 'proportional' | 'groups'> {
    const total = this.#columns.reduce((sum, votes) => sum + votes, 0);
    return {
      columns: this.#columns,
      total,
      ...this.#others,
      candidacies: [...this.#candidacies].map(([key, votes]) => ({
        key,
        votes,
        share: share(votes, total),
      })),
      parties: [...this.#parties].map(([party, votes]) => ({
        party,
        votes,
        share: share(votes, total),
      })),
    };
  }
}
