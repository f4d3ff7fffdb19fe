/**
 * A small tree in memory, made as a centre makes one: a log whose leaves are actas, and objects in packs. An
 * election of one contest, five entities of two districts, each of two runs of three sections of two actas.
 */

import { createHash } from 'node:crypto';
import { base64, joined, utf8, type Bytes } from '../../src/check/log/bytes';
import { encodeActa } from '../../src/check/log/leaf';
import { tilePath } from '../../src/check/log/tiles';
import { ContestTally, sheetOf } from '../../src/counting/tally';
import type { Contest } from '../../src/figures/running';
import type { Fetch } from '../../src/tree/asking';
import { digestText } from '../../src/tree/packs';
import type {
  ActaLeaf,
  At,
  ExpectedActa,
  ExpectedColumns,
  Manifest,
  Places,
  Pointer,
  PublishedRules,
  Ref,
  RunningRow,
  SummaryRow,
  VoteField,
} from '../../src/tree/wire';

/** Numbers that look random and are the same on every machine. */
export function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

export const RULES: PublishedRules = {
  participation: 'special_casillas_in_last_cut',
  excess_exempt: ['S'],
};
const COLUMNS = [
  { id: 'A', kind: 'party', parties: ['A'] },
  { id: 'B', kind: 'party', parties: ['B'] },
  { id: 'A_B', kind: 'combination', parties: ['A', 'B'] },
  { id: 'C', kind: 'party', parties: ['C'] },
  { id: 'NR', kind: 'unregistered', parties: [] },
  { id: 'NULL', kind: 'null', parties: [] },
];
const UNITS = {
  '*': [
    { key: 'AB', name: 'Uno', substitute: '', columns: ['A', 'B', 'A_B'] },
    { key: 'C', name: 'Dos', substitute: '', columns: ['C'] },
  ],
};
const RUNNING: RunningRow[] = [
  [0, 'AB', 'Uno', ['A', 'B']],
  [1, 'C', 'Dos', ['C']],
];
const DECLARED = {
  id: 'X',
  title: 'Equis',
  office: 'O',
  levels: ['entity', 'district'],
  columns: COLUMNS,
  rp_tipos: ['4'],
  rp_actas: 'entity_only',
  constituency: null,
  seats: { majority: 1, first_minority: 0, proportional: 0 },
};
export const CONTEST = { ...DECLARED, candidacies: UNITS } as unknown as Contest;
const NAMED = { schema: 2, election: 'prueba', contest: 'X' };

export function actaOf(id: string | null, votes: VoteField[], more: Partial<ActaLeaf> = {}) {
  const acta: ActaLeaf = {
    contest: 'X',
    acta: id,
    version: 1,
    at: '2024-06-02T20:10:00-06:00',
    reason: null,
    identifies: null,
    votes,
    surplus_ballots: 3,
    people_voted: 'sin_dato',
    representatives_voted: 0,
    ballots_taken: 5,
    total_written: 'ilegible',
    observations: votes.includes('ilegible') ? ['ilegible'] : [],
    transfer: 'D',
    image_sha256: null,
    received_at: null,
    captured_at: '2024-06-02T20:09:00-06:00',
    verified_at: null,
    origin: 'casilla',
    digitization: 'movil',
    document: 'acta_prep',
    cotejada: null,
    ...more,
  };
  return acta;
}

interface Entry {
  leaf: number;
  offset: number;
}

/** What a section has: its actas, and the standing version of each, if it is captured. */
interface Section {
  path: string;
  name: string;
  actas: { expected: ExpectedActa; standing: (Entry & { acta: ActaLeaf }) | null }[];
}

export interface Making {
  /** Actas of other contests, so that the log has more than one bundle. */
  others?: number;
  /** Of what figures are made. */
  seed?: number;
  /** What else is in the log behind the actas, each a leaf as it is; and what else is done before results are made. */
  more?: (tree: MadeTree) => Bytes[];
}

export class MadeTree {
  readonly files = new Map<string, Bytes>();
  readonly asked: { path: string; range: string | null; cache: RequestCache | undefined }[] = [];
  readonly pointer: Pointer;
  readonly manifest: Manifest;
  readonly sections: Section[] = [];
  readonly leaves: Bytes[] = [];
  ranges = true;
  /** Leaves of superseded versions, by the id of their acta. */
  readonly earlier = new Map<string, number[]>();
  readonly outside: Entry[] = [];
  readonly #roll: (below: number) => number;
  readonly #packs: Bytes[] = [new Uint8Array(), new Uint8Array()];

  constructor({ others = 300, seed = 7, more = () => [] }: Making = {}) {
    this.#roll = dice(seed);
    const running = this.#file({ kind: 'candidacies', ...NAMED, units: UNITS });
    for (const entity of ['01', '02', '03', '04', '05'])
      for (const district of ['1', '2'])
        for (let section = 1; section <= 6; section += 1) this.#expect(entity, district, section);
    const expected = columnsOf(
      this.sections.flatMap(({ actas }) => actas.map((own) => own.expected)),
    );
    const catalogue = this.#file({ kind: 'catalogue', ...NAMED, areas: [], expected });
    const description = this.#file({
      kind: 'election',
      schema: 2,
      id: 'prueba',
      rules: RULES,
      contests: [{ ...DECLARED, running, catalogue }],
    });
    this.#log(['rules', 2, 'prueba', false, null, '0'.repeat(64), description.sha256]);
    this.#capture(others);
    for (const leaf of more(this)) this.enter(leaf);
    const { at, digest, summary, votes } = this.#results();
    const contest = { id: 'X', title: 'Equis', summary, votes, won: [], results: digest };
    const manifest = {
      schema: 2,
      election: 'prueba',
      drill: false,
      cut: 0,
      time: '2024-06-02T20:40:00-06:00',
      kind: 'live',
      previous: null,
      record_position: 0,
      leaf: this.leaves.length,
      description,
      contests: [contest],
      files: {},
      database: null,
    } as Manifest;
    const data = json(manifest);
    this.files.set('cuts/0.json', data);
    const ref = { sha256: sha(data).toString('hex'), size: data.length };
    this.manifest = manifest;
    this.pointer = { ...manifest, manifest: ref };
    this.#log(['cut', 2, 0, manifest.kind, manifest.time, ref.sha256, ref.size]);
    this.files.set('cuts/0.where', json({ schema: 2, cut: 0, roots: { X: at } }));
    this.#packs.forEach((pack, index) => this.files.set(`packs/${index + 1}.pack`, pack));
    this.write();
  }

  #expect(entity: string, district: string, number: number): void {
    const name = `${entity}${district}${number}`;
    const path = `${entity}/${district}/${name}`;
    const actas = ['B', 'C1'].map((which, index) => {
      const expected: ExpectedActa = {
        id: `${name}${which}`,
        area: `${entity}/${district}`,
        seccion: name,
        kind: this.#roll(9) === 0 ? 'S' : 'B',
        number: index,
        extension: 0,
        location: 1,
        tipo_acta: this.#roll(9) === 0 ? '4' : '2',
        lista_nominal: this.#roll(20) === 1 ? 1 : 500,
        representatives: null,
      };
      return { expected, standing: null };
    });
    this.sections.push({ path, name, actas });
  }

  /** Captures most of them, and the first of each district twice. */
  #capture(others: number): void {
    const roll = this.#roll;
    const votes = () => COLUMNS.map((): VoteField => (roll(30) === 0 ? 'ilegible' : roll(90)));
    for (let other = 0; other < others; other += 1)
      this.#acta({ ...actaOf(`otra ${other}`, [1, 2]), contest: 'Y' });
    this.outside.push(this.#acta(actaOf(null, votes())));
    for (const { name, actas } of this.sections) {
      for (const own of actas) {
        if (roll(12) === 0) continue;
        const { id } = own.expected;
        const first = actaOf(id, votes());
        let standing = { ...this.#acta(first), acta: first };
        if (name.endsWith('1')) {
          this.earlier.set(id, [standing.leaf]);
          const acta = actaOf(id, votes(), { version: 2, reason: 'Cotejo: «sí»' });
          standing = { ...this.#acta(acta), acta };
        }
        own.standing = standing;
      }
    }
    const reason = 'larga '.repeat(400);
    this.outside.push(this.#acta(actaOf(null, votes(), { reason })));
  }

  #log(leaf: unknown): Entry {
    return this.enter(utf8(JSON.stringify(leaf)));
  }

  #acta(acta: ActaLeaf): Entry {
    return this.enter(encodeActa(acta));
  }

  /** Adds a leaf to the log. */
  enter(leaf: Bytes): Entry {
    const index = this.leaves.length;
    this.leaves.push(leaf);
    const before = this.leaves.slice(index - (index % 256), index);
    return { leaf: index, offset: before.reduce((sum, { length }) => sum + 2 + length, 0) };
  }

  /** The log's files, as its leaves are now, and the checkpoint of the cut. */
  write(): void {
    const { leaves } = this;
    const hashes = leaves.map((leaf) => new Uint8Array(sha(joined(Uint8Array.of(0), leaf))));
    const nodes: Bytes[][] = [hashes];
    while (nodes.at(-1)!.length > 1) nodes.push(pairs(nodes.at(-1)!));
    for (let start = 0; start < leaves.length; start += 256) {
      const own = leaves.slice(start, start + 256);
      const tile = { index: start / 256, width: own.length };
      const bundle = own.map((leaf) =>
        joined(Uint8Array.of(leaf.length >> 8, leaf.length & 0xff), leaf),
      );
      this.files.set(tilePath({ level: 'entries', ...tile }), joined(...bundle));
      this.files.set(tilePath({ level: 0, ...tile }), joined(...hashes.slice(start, start + 256)));
    }
    const top = (nodes[8] ?? []).slice(0, Math.floor(leaves.length / 256));
    if (top.length > 0)
      this.files.set(tilePath({ level: 1, index: 0, width: top.length }), joined(...top));
    const note = `prueba\n${leaves.length}\n${base64(rootOf(hashes))}\n\n— prueba ${base64(new Uint8Array(70))}\n`;
    this.files.set('cuts/0.note', utf8(note));
  }

  #results() {
    const districts = [...new Set(this.sections.map(({ path }) => path.slice(0, 4)))];
    const units = districts.map((path) => this.#unit(path));
    const entities = [...new Set(units.map(({ path }) => path.slice(0, 2)))].map((path) => {
      const own = units.filter((unit) => unit.path.startsWith(`${path}/`));
      return this.#area('entity', path, 'district', own);
    });
    const outside = this.#pack({
      kind: 'outside',
      ...NAMED,
      leaves: this.outside.map(({ leaf }) => leaf),
      offsets: this.outside.map(({ offset }) => offset),
      images: this.outside.map(() => 0),
    });
    return this.#area('national', '', 'entity', entities, outside);
  }

  #unit(path: string) {
    const sections = this.sections.filter((section) => section.path.startsWith(`${path}/`));
    const runs = [sections.slice(0, 3), sections.slice(3)].map((own) => this.#run(path, own));
    return this.#area('district', path, 'secciones', runs);
  }

  #run(unit: string, sections: Section[]) {
    const path = `${unit}/${sections[0]!.name}-${sections.at(-1)!.name}`;
    const actas = sections.flatMap((section) => section.actas);
    const catalogue = this.#pack({
      kind: 'run_catalogue',
      ...NAMED,
      path,
      secciones: sections.map(({ name }) => name),
      actas: sections.map((section) => section.actas.length),
      expected: columnsOf(actas.map(({ expected }) => expected)),
    });
    const superseded = actas.flatMap(({ expected: { id } }, index) => {
      const own = this.earlier.get(id);
      return own ? [[String(index), own]] : [];
    });
    const object = this.#pack(
      {
        kind: 'run',
        ...NAMED,
        path,
        catalogue: catalogue.digest,
        places: placesOf(sections.map((section) => tallyOf([section]))),
        leaves: actas.map(({ standing }) => standing?.leaf ?? -1),
        offsets: actas.map(({ standing }) => standing?.offset ?? 0),
        images: actas.map(() => 0),
        ...(superseded.length > 0 ? { earlier: Object.fromEntries(superseded) } : {}),
      },
      [catalogue],
    );
    return { path, sections, expected: actas.length, ...object };
  }

  #area(
    level: string,
    path: string,
    below: string,
    children: {
      path: string;
      sections: Section[];
      expected: number;
      at: At;
      digest: string;
    }[],
    outside: { at: At; digest: string } | null = null,
  ) {
    const sections = children.flatMap((child) => child.sections);
    const tally = tallyOf(sections);
    if (outside) tally.addOutOfCatalogue(this.outside.length);
    const found = tally.result();
    const summary = path === '' ? found.summary : tally.summaryOfArea();
    const groups = [...found.groups].map(([group, figures]) => {
      const { candidacies, ...own } = figures;
      return {
        listed: [group, []],
        row: [
          own.expected,
          own.captured,
          own.counted,
          own.lista_nominal,
          own.votes_with_list,
          own.total,
          own.unregistered,
          own.null,
          own.off_ballot,
          candidacies.map(({ votes }) => votes),
        ],
      };
    });
    const names = path === '' ? [] : [{ level: 'national', path: '', name: 'México' }];
    const catalogue = this.#pack({
      kind: 'area_catalogue',
      ...NAMED,
      name: path === '' ? 'México' : `Área ${path}`,
      parents: names,
      running: RUNNING,
      parties: found.parties.map(({ party }) => party),
      groups: groups.map(({ listed }) => listed),
      level: below,
      ids: children.map((child) => child.path.slice(child.path.lastIndexOf('/') + 1)),
      names: below === 'secciones' ? [] : children.map((child) => `Área ${child.path}`),
      expected: children.map(({ expected }) => expected),
    });
    const { basis, ...figures } = summary;
    const object = this.#pack(
      {
        kind: 'area',
        ...NAMED,
        level,
        path,
        catalogue: catalogue.digest,
        summary: [...Object.values(figures), basis] as SummaryRow,
        votes: {
          columns: found.columns,
          candidacies: found.candidacies.map(({ votes }) => votes),
          off_ballot: found.off_ballot,
        },
        parties: found.parties.map(({ votes }) => votes),
        groups: groups.map(({ row }) => row),
        children: children.map(({ digest }) => digest),
        places: placesOf(children.map((child) => tallyOf(child.sections))),
        ...(outside ? { outside: outside.digest } : {}),
      },
      [catalogue, ...children, ...(outside ? [outside] : [])],
    );
    const votes = {
      total: found.total,
      unregistered: found.unregistered,
      null: found.null,
      off_ballot: found.off_ballot,
      columns: found.columns,
      candidacies: found.candidacies.map((own, index) => {
        const [, key, name, parties] = RUNNING[index]!;
        return { key, name, parties, votes: own.votes, share: own.share };
      }),
    };
    const expected = children.reduce((sum, child) => sum + child.expected, 0);
    return { path, sections, expected, summary, votes, ...object };
  }

  #file(object: unknown): Ref {
    const data = json(object);
    const sha256 = sha(data).toString('hex');
    this.files.set(`objects/${sha256.slice(0, 2)}/${sha256}.json`, data);
    return { sha256, size: data.length };
  }

  #pack(object: unknown, parts: { at: At }[] = []): { at: At; digest: string } {
    const data = json(object);
    const entry = joined(json(parts.map(({ at }) => at)), utf8('\n'), data);
    const pack = this.#roll(2);
    const before = this.#packs[pack]!;
    this.#packs[pack] = joined(before, entry, utf8('\n'));
    return { at: [pack + 1, before.length, entry.length], digest: digestText(sha(data)) };
  }

  /** Answers as a server of this tree would, one that may know no ranges. */
  readonly fetch: Fetch = async (url, init) => {
    const path = url.replace(/\?.*/, '');
    const range = new Headers(init?.headers).get('Range');
    this.asked.push({ path, range, cache: init?.cache });
    const data = path === 'current.json' ? json(this.pointer) : this.files.get(path);
    if (!data) return new Response(null, { status: 404 });
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    if (start === undefined || !this.ranges) return new Response(data);
    if (Number(start) >= data.length) return new Response(null, { status: 416 });
    return new Response(data.slice(Number(start), Number(end) + 1), { status: 206 });
  };

  answersTo(part: string): number {
    return this.asked.filter(({ path }) => path.includes(part)).length;
  }
}

function tallyOf(sections: readonly Section[]): ContestTally {
  const tally = new ContestTally(CONTEST, RULES, false);
  for (const { expected, standing } of sections.flatMap(({ actas }) => actas))
    tally.add(expected.area, expected, standing && sheetOf(standing.acta));
  return tally;
}

function placesOf(tallies: readonly ContestTally[]): Places {
  const results = tallies.map((tally) => tally.result());
  const most = results.map(({ candidacies }) => Math.max(...candidacies.map(({ votes }) => votes)));
  return {
    captured: results.map(({ summary }) => summary.captured),
    counted: results.map(({ summary }) => summary.counted),
    total: results.map(({ total }) => total),
    leader: results.map(({ candidacies }, index) => {
      const first = candidacies.filter(({ votes }) => votes === most[index] && votes > 0);
      return first.length === 1 ? candidacies.indexOf(first[0]!) : -1;
    }),
    leader_votes: most,
  };
}

function columnsOf(actas: readonly ExpectedActa[]): ExpectedColumns {
  return {
    ids: actas.map(({ id }) => id),
    areas: actas.map(({ area }) => area),
    secciones: actas.map(({ seccion }) => seccion),
    kinds: actas.map(({ kind }) => kind),
    numbers: actas.map(({ number }) => number),
    extensions: actas.map(({ extension }) => extension),
    locations: actas.map(({ location }) => location),
    tipos: actas.map(({ tipo_acta: tipo }) => tipo),
    lista_nominal: actas.map(({ lista_nominal: lista }) => lista),
    representatives: actas.map(({ representatives }) => representatives),
  };
}

function json(value: unknown): Bytes {
  return utf8(JSON.stringify(value));
}

function sha(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

function nodeOf(left: Uint8Array, right: Uint8Array): Bytes {
  return new Uint8Array(sha(joined(Uint8Array.of(1), left, right)));
}

function pairs(hashes: readonly Bytes[]): Bytes[] {
  return Array.from({ length: Math.floor(hashes.length / 2) }, (_, index) =>
    nodeOf(hashes[2 * index]!, hashes[2 * index + 1]!),
  );
}

function rootOf(hashes: readonly Bytes[]): Bytes {
  if (hashes.length === 1) return hashes[0]!;
  let half = 1;
  while (half * 2 < hashes.length) half *= 2;
  return nodeOf(rootOf(hashes.slice(0, half)), rootOf(hashes.slice(half)));
}
