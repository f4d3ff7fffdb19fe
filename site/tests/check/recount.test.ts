/** Counting again in parts and threads: what is added up is the same, and every refusal is everybody's. */

import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/check/log/bytes';
import { countPart } from '../../src/check/recount/part';
import { recount, type Count, type Progress } from '../../src/check/recount/recount';
import { Refusal } from '../../src/check/refusal';
import { Source } from '../../src/check/source';
import { ContestTally } from '../../src/check/recount/tally';
import type { Contest } from '../../src/figures/running';
import type {
  ChildArea,
  Manifest,
  PublishedActa,
  PublishedRules,
  Ref,
  VoteField,
} from '../../src/tree/wire';

/** Numbers that look random and are the same on every machine. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

const RULES: PublishedRules = {
  participation: 'special_casillas_in_last_cut',
  excess_exempt: ['S'],
};
const COLUMNS = [
  { id: 'A', kind: 'party', parties: ['A'] },
  { id: 'B', kind: 'party', parties: ['B'] },
  { id: 'A_B', kind: 'combination', parties: ['A', 'B'] },
  { id: 'C', kind: 'party', parties: ['C'] },
  { id: 'NULL', kind: 'null', parties: [] },
];
const UNITS = {
  '*': [
    { key: 'AB', name: 'Uno', substitute: '', columns: ['A', 'B', 'A_B'] },
    { key: 'C', name: 'Dos', substitute: '', columns: ['C'] },
  ],
};
const DECLARED = { id: 'X', columns: COLUMNS, rp_tipos: ['4'], rp_actas: 'entity_only' };
const CONTEST = { ...DECLARED, candidacies: UNITS } as unknown as Contest;

function actaOf(id: string, roll: (below: number) => number): PublishedActa {
  const fate = roll(20);
  const votes = COLUMNS.map((): VoteField => (roll(30) === 0 ? 'ilegible' : roll(90)));
  const total = votes.reduce<number>((sum, own) => sum + (typeof own === 'number' ? own : 0), 0);
  const kind = roll(9) === 0 ? 'S' : 'B';
  const lista = fate === 1 ? 1 : 500;
  const expected = {
    id,
    kind,
    tipo_acta: roll(9) === 0 ? '4' : '2',
    lista_nominal: lista,
    representatives: null,
  };
  const counts = votes.some((own) => typeof own === 'number') && (total <= lista || kind === 'S');
  if (fate === 0)
    return {
      expected,
      counting: -1,
      total: 0,
      acta: null,
      versions: [],
    } as unknown as PublishedActa;
  const observations = votes.includes('ilegible') ? ['ilegible'] : [];
  const acta = { contest: 'X', acta: id, votes, observations };
  return {
    expected,
    counting: counts ? 1 : 0,
    total,
    acta,
    versions: [],
  } as unknown as PublishedActa;
}

describe('tallies added to each other', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'come to what one tally comes to, however the actas lie (%i)',
    (seed) => {
      const roll = dice(seed);
      const actas = Array.from({ length: 300 }, (_, index) => actaOf(`acta ${index}`, roll));
      const unit = (index: number): string => `0${index % 7}`;
      const whole = new ContestTally(CONTEST, RULES, false);
      const several = Array.from(
        { length: 1 + roll(5) },
        () => new ContestTally(CONTEST, RULES, false),
      );
      whole.addOutOfCatalogue(3);
      several[0]!.addOutOfCatalogue(3);
      actas.forEach((acta, index) => {
        whole.add(unit(index), acta);
        several[roll(several.length)]!.add(unit(index), acta);
      });
      const sum = new ContestTally(CONTEST, RULES, false);
      for (const tally of several) sum.plus(structuredClone(tally.counted));
      expect(new Set(actas.map(({ counting }) => counting))).toEqual(new Set([1, 0, -1]));
      expect(sum.result()).toEqual(whole.result());
      expect(sum.actas).toBe(300);
    },
  );

  test('have each acta once', () => {
    const [one, other] = [
      new ContestTally(CONTEST, RULES, false),
      new ContestTally(CONTEST, RULES, false),
    ];
    one.add('01', actaOf('the same', dice(1)));
    other.add('02', actaOf('the same', dice(2)));
    expect(() => one.plus(other.counted)).toThrow(new Refusal('twice', 'the same'));
  });
});

/** A tree in memory: entities and districts as files, runs and sections in the packs of several cuts. */
class SmallTree {
  readonly files = new Map<string, Buffer>();
  readonly asked: string[] = [];
  readonly manifest: Manifest;
  ranges = true;
  /** The newest cut brought nothing new. */
  readonly #packs = Array.from({ length: 4 }, () => Buffer.alloc(0));
  readonly #roll = dice(7);

  /** `idOf` names the acta of a section; `pathOf` says where a section claims to be. */
  constructor(
    idOf = (section: string): string => `of ${section}`,
    pathOf = (section: string): string => section,
  ) {
    const section = (path: string): ChildArea => {
      const actas = [actaOf(idOf(path), this.#roll), actaOf(`second ${path}`, this.#roll)];
      const object = { kind: 'seccion', schema: 1, contest: 'X', path: pathOf(path), actas };
      return this.#child('seccion', pathOf(path), this.#inPack(object));
    };
    const run = (unit: string, name: string): ChildArea => {
      const children = ['1', '2', '3'].map((number) => section(`${unit}/${name}${number}`));
      return this.#child(
        'secciones',
        `${unit}/${name}`,
        this.#inPack(this.#area(`${unit}/${name}`, children)),
      );
    };
    const area = (path: string, children: ChildArea[]): ChildArea =>
      this.#child('entity', path, this.#file(this.#area(path, children)));
    const district = (path: string): ChildArea => area(path, [run(path, 'a'), run(path, 'b')]);
    const entities = ['01', '02', '03', '04', '05'].map((entity) =>
      area(entity, [district(`${entity}/1`), district(`${entity}/2`)]),
    );
    const root = this.#area('', entities);
    const running = this.#file({ kind: 'candidacies', schema: 1, units: UNITS });
    const description = this.#file({
      kind: 'election',
      schema: 1,
      rules: RULES,
      contests: [{ ...DECLARED, running }],
    });
    const cut = { id: 'X', summary: root.summary, votes: root.votes, results: this.#file(root) };
    this.manifest = { cut: 3, kind: 'live', description, contests: [cut] } as unknown as Manifest;
    this.#packs.forEach((pack, number) => this.files.set(`cuts/${number}.pack`, pack));
  }

  #area(path: string, children: ChildArea[]) {
    const expected = children.reduce((sum, child) => sum + child.expected, 0);
    return {
      kind: 'area',
      schema: 1,
      contest: 'X',
      path,
      children,
      summary: { expected },
      votes: {},
      out_of_catalogue: null,
    };
  }

  #child(level: string, path: string, object: Ref): ChildArea {
    return { level, path, object, expected: level === 'seccion' ? 2 : 12 } as ChildArea;
  }

  #file(object: unknown): Ref {
    const { sha256, data } = named(object);
    this.files.set(`objects/${sha256.slice(0, 2)}/${sha256}.json`, data);
    return { sha256, size: data.length };
  }

  #inPack(object: unknown): Ref {
    const { sha256, data } = named(object);
    const pack = this.#roll(3);
    const offset = this.#packs[pack]!.length;
    this.#packs[pack] = Buffer.concat([this.#packs[pack]!, data, Buffer.from('\n')]);
    return { sha256, size: data.length, pack, offset };
  }

  get source(): Source {
    return new Source('', async (path, init) => {
      this.asked.push(path);
      const data = this.files.get(path);
      if (!data) return new Response(null, { status: 404 });
      const range = /^bytes=(\d+)-(\d+)$/.exec(new Headers(init?.headers).get('Range') ?? '');
      if (!range || !this.ranges) return new Response(new Uint8Array(data));
      if (Number(range[1]) >= data.length) return new Response(null, { status: 416 });
      const part = data.subarray(Number(range[1]), Number(range[2]) + 1);
      return new Response(new Uint8Array(part), { status: 206 });
    });
  }

  /** The contest counted in so many threads, and what was told meanwhile. */
  async count(threads: number, told: Progress[] = []) {
    const thread: Count = (...part) => countPart(this.source, ...part);
    const all = Array.from({ length: threads }, () => thread);
    return recount(this.source, this.manifest, 'X', all, (progress) => told.push(progress));
  }
}

function named(object: unknown): { sha256: string; data: Buffer } {
  const data = Buffer.from(utf8(JSON.stringify(object)));
  return { sha256: createHash('sha256').update(data).digest('hex'), data };
}

describe('a contest counted in threads', () => {
  const ACTAS = 5 * 2 * 2 * 3 * 2;

  test.each([2, 3, 4, 50])('comes to what one thread finds (%i)', async (threads) => {
    const [alone, several] = [await new SmallTree().count(1), await new SmallTree().count(threads)];
    expect(several).toEqual(alone);
    expect(alone.recounted.summary.expected).toBe(ACTAS);
    expect(alone.recounted.total).toBeGreaterThan(0);
    expect(alone.sections).toBe(ACTAS / 2);
  });

  test('tells how many actas all threads have, up to all', async () => {
    const told: Progress[] = [];
    await new SmallTree().count(3, told);
    const actas = told.map((progress) => progress.actas);
    expect(actas).toEqual(actas.toSorted((a, b) => a - b));
    expect(actas.at(-1)).toBe(ACTAS);
  });

  test('reads every byte that it says it read, and each file once', async () => {
    const tree = new SmallTree();
    const { bytes } = await tree.count(3);
    const files = [...tree.files].filter(([path]) => path.startsWith('objects/'));
    const packs = [...tree.files].filter(([path]) => path.startsWith('cuts/'));
    const objects = 5 * 2 * 2 * (1 + 3);
    const sizes = [...files, ...packs].map(([, data]) => data.length);
    expect(bytes).toBe(sizes.reduce((sum, size) => sum + size) - objects);
    for (const [path] of files)
      expect(tree.asked.filter((asked) => asked === path)).toHaveLength(1);
  });

  test('from a server that knows no ranges is read in one part, each pack twice', async () => {
    const tree = new SmallTree();
    tree.ranges = false;
    expect(await tree.count(4)).toEqual(await new SmallTree().count(4));
    // For its runs and for its sections; the first once more, to know what the server knows.
    const times = [0, 1, 2, 3].map(
      (cut) => tree.asked.filter((path) => path === `cuts/${cut}.pack`).length,
    );
    expect(times).toEqual([3, 2, 2, 0]);
  });

  const elsewhere = (path: string): string => (path === '05/2/b3' ? '01/1/a1' : path);

  test.each([1, 4])('with an acta listed in two of its parts is refused (%i)', async (threads) => {
    const tree = new SmallTree((path) => `of ${elsewhere(path)}`);
    await expect(tree.count(threads)).rejects.toMatchObject({ reason: 'twice', at: 'of 01/1/a1' });
  });

  test.each([1, 4])(
    'with a section listed in two of its parts is refused (%i)',
    async (threads) => {
      const tree = new SmallTree(undefined, elsewhere);
      await expect(tree.count(threads)).rejects.toMatchObject({ reason: 'twice' });
    },
  );

  test('of which one byte in a pack was altered is refused as a whole', async () => {
    const tree = new SmallTree();
    const pack = tree.files.get('cuts/1.pack')!;
    pack[pack.length - 20]! ^= 1;
    await expect(tree.count(4)).rejects.toMatchObject({ reason: 'altered', at: 'cuts/1.pack' });
  });

  test('of which one thread fails is refused as a whole', async () => {
    const tree = new SmallTree();
    const works: Count = (...part) => countPart(tree.source, ...part);
    const fails: Count = () => Promise.reject(new Refusal('network', 'worker'));
    await expect(
      recount(tree.source, tree.manifest, 'X', [works, fails, works], () => {}),
    ).rejects.toMatchObject({ reason: 'network', at: 'worker' });
  });
});
