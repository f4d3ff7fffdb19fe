/**
 * The arithmetic of PREP over actas, written plainly: whole numbers, one acta at a time. Sources:
 * spec A.4 (which actas count), B.4 (the 13 figures), G.1 (actas of proportional representation),
 * G.3 (coalitions, LGIPE 311.1.c).
 */

import { groupsOf } from '../../figures/groups';
import { runningIn, type Contest } from '../../figures/running';
import type {
  Acta,
  ActaGroup,
  Basis,
  Counting,
  ExpectedActa,
  Observation,
  PublishedActa,
  PublishedRules,
  Summary,
  VoteField,
} from '../../tree/wire';
import { Refusal } from '../refusal';

const WITHOUT_ACTA: ReadonlySet<Observation> = new Set([
  'sin_acta_paquete_no_entregado',
  'sin_acta_casilla_no_instalada',
  'sin_acta_paquete_sin_bolsa',
  'sin_acta_contingencia_urna',
]);

const INCONSISTENT: ReadonlySet<Observation> = new Set([
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

function votesOf(field: VoteField): number {
  return typeof field === 'number' ? field : 0;
}

/** Whether a captured acta of the catalogue counts, and the votes that it carries. */
export function countOf(
  acta: Acta,
  expected: ExpectedActa,
  rules: PublishedRules,
): { counting: Counting; total: number } {
  let [total, numbers] = [0, 0];
  for (const field of acta.votes) {
    total += votesOf(field);
    if (typeof field === 'number') numbers += 1;
  }
  const limit = expected.lista_nominal + (expected.representatives ?? 0);
  const exceeds = total > limit && !rules.excess_exempt.includes(expected.kind);
  const without = acta.observations?.some((observation) => WITHOUT_ACTA.has(observation)) ?? false;
  return { counting: without || numbers === 0 || exceeds ? 0 : 1, total };
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

/** What a tally counted so far, as it goes from one thread to another. */
export interface Counted {
  figures: Figures;
  apart: Apart;
  /** Votes by column of each unit. */
  units: Map<string, number[]>;
  /** Ids of the actas that were added. */
  seen: Set<string>;
  groups: Map<ActaGroup, GroupCounted>;
}

/** Counts the actas of one contest; they come in any order, each once. */
export class ContestTally {
  readonly #units = new Map<string, number[]>();
  readonly #seen = new Set<string>();
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

  /** Actas expected so far. */
  get actas(): number {
    return this.#figures.expected;
  }

  #zeros(): number[] {
    return this.contest.columns.map(() => 0);
  }

  /** Actas that match no casilla: they are registered and enter nothing else. */
  addOutOfCatalogue(actas: number): void {
    this.#figures.outOfCatalogue += actas;
  }

  /** An expected acta of the unit at `unit`. Throws a `Refusal` where it is not what it says. */
  add(unit: string, published: PublishedActa): void {
    const { expected, acta } = published;
    addOnce(this.#seen, expected.id);
    const isRp = this.contest.rp_tipos.includes(expected.tipo_acta);
    const isApart = isRp && this.contest.rp_actas === 'entity_only';
    this.#figures.expected += 1;
    if (isApart) this.#apart.expected += 1;
    const groups = groupsOf(expected).map((group) => this.#groupOf(group));
    for (const { actas } of groups) actas.expected += 1;
    if (acta) this.#capture(unit, published, acta, isApart, groups);
    else if (published.counting !== -1) throw new Refusal('counting', expected.id);
  }

  #capture(
    unit: string,
    published: PublishedActa,
    acta: Acta,
    isApart: boolean,
    groups: GroupCounted[],
  ): void {
    const { expected } = published;
    const fits = acta.contest === this.contest.id && acta.acta === expected.id;
    if (!fits || acta.votes.length !== this.contest.columns.length || !acta.votes.every(isField)) {
      throw new Refusal('structure', expected.id);
    }
    const { counting, total } = countOf(acta, expected, this.rules);
    if (counting !== published.counting || total !== published.total) {
      throw new Refusal('counting', expected.id);
    }
    const figures = this.#figures;
    figures.captured += 1;
    if (acta.observations?.some((observation) => INCONSISTENT.has(observation)))
      figures.inconsistent += 1;
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
      addTo(this.#apart.columns, acta.votes);
      return;
    }
    figures.withSpecial += total;
    if (expected.kind !== 'S') figures.withoutSpecial += total;
    if (expected.lista_nominal > 0) {
      figures.withList += total;
      for (const { actas } of groups) actas.votes_with_list += total;
    }
    for (const units of [this.#units, ...groups.map((group) => group.units)]) {
      addTo(this.#columnsOf(unit, units), acta.votes);
    }
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

  /** What was added so far, for the tally of another thread. */
  get counted(): Counted {
    return {
      figures: this.#figures,
      apart: this.#apart,
      units: this.#units,
      seen: this.#seen,
      groups: this.#groups,
    };
  }

  /** Adds what another tally of this contest counted. Throws a `Refusal` where both have an acta. */
  plus({ figures, apart, units, seen, groups }: Counted): void {
    for (const id of seen) addOnce(this.#seen, id);
    addFigures(this.#figures, figures);
    for (const name of ['expected', 'captured', 'counted', 'total'] as const)
      this.#apart[name] += apart[name];
    addTo(this.#apart.columns, apart.columns);
    this.#addUnits(this.#units, units);
    for (const [group, other] of groups) {
      const own = this.#groupOf(group);
      addFigures(own.actas, other.actas);
      this.#addUnits(own.units, other.units);
    }
  }

  #addUnits(own: Map<string, number[]>, other: ReadonlyMap<string, number[]>): void {
    for (const [unit, columns] of other) addTo(this.#columnsOf(unit, own), columns);
  }

  /** What the actas added so far come to. */
  result(): Recounted {
    return {
      summary: this.#summary(),
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

  /** The participation of the whole is the official one, 0.0000 of nothing. */
  #summary(): Summary {
    const figures = this.#figures;
    const basis = this.#basis();
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
      participation: share(basis.votes, figures.listaNominal),
      basis,
    };
  }

  #basis(): Basis {
    const { listaNominal, withSpecial, withoutSpecial, withList } = this.#figures;
    const rule = this.rules.participation;
    const special =
      rule === 'special_casillas_always' ||
      (rule === 'special_casillas_in_last_cut' && this.closing);
    const votes = special ? withSpecial : withoutSpecial;
    const reason = withList > listaNominal ? 'beyond_list' : 'without_list';
    return {
      of: special ? 'with_special' : 'without_special',
      votes,
      above: votes > listaNominal ? reason : null,
    };
  }
}

/** Notes what may come once only. Throws a `Refusal` where it came before. */
export function addOnce(seen: Set<string>, name: string): void {
  if (seen.has(name)) throw new Refusal('twice', name);
  seen.add(name);
}

function isField(field: VoteField): boolean {
  return typeof field === 'string' || (Number.isSafeInteger(field) && field >= 0);
}

function addFigures<Name extends string>(
  own: Record<Name, number>,
  other: Record<Name, number>,
): void {
  for (const name of Object.keys(own) as Name[]) own[name] += other[name];
}

function addTo(columns: number[], votes: readonly VoteField[]): void {
  for (let index = 0; index < votes.length; index += 1) columns[index]! += votesOf(votes[index]!);
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
