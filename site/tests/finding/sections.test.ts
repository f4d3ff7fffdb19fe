import { expect, test, vi } from 'vitest';
import { Sections, type Place } from '../../src/finding/sections';
import { bracketOf, likeliest } from '../../src/finding/seeking';
import { TreeFault, type Fault, type Tree } from '../../src/tree/tree';
import type { ElectionDescription, Link, Manifest } from '../../src/tree/wire';

interface Made {
  area: (link: Pick<Link, 'digest'>) => Promise<unknown>;
  root: (contest: string) => Promise<unknown>;
}

vi.mock('../../src/tree/areas', () => ({
  areaAt: (made: Made, link: Link) => made.area(link),
  runAt: (made: Made, link: Link) => made.area(link),
  rootOf: (made: Made, _: Manifest, contest: string) => made.root(contest),
}));

const UNITS = 60;
const name = (number: number) => String(number).padStart(4, '0');

/** Sections numbered along municipalities, and with a step of seven over districts: no neighbours together. */
const CONTESTS = {
  DIST: { level: 'district', of: (seccion: number) => (seccion * 7) % 12 },
  AYUN: { level: 'municipality', of: (seccion: number) => Math.floor((seccion - 1) / 10) },
} as const;

function published(break_: (path: string) => Fault | null = () => null) {
  const objects = new Map<string, unknown>();
  const asked: string[] = [];
  const put = (path: string, level: string, children: { path: string; level: string }[]): void => {
    const listed = children.map((child) => ({
      ...child,
      name: child.path.slice(child.path.lastIndexOf('/') + 1),
      object: { digest: `${path.split(':')[0]}:${child.path}` },
    }));
    const own = { path: path.split(':')[1], name: path };
    if (level === 'secciones') objects.set(path, { ...own, sections: listed });
    else objects.set(path, { ...own, kind: 'area', level, children: listed });
  };
  const contests = Object.entries(CONTESTS).map(([id, { level, of }]) => {
    const units = new Map<number, string[]>();
    for (let seccion = 1; seccion <= UNITS * 10; seccion++)
      units.set(of(seccion), [...(units.get(of(seccion)) ?? []), name(seccion)]);
    for (const [unit, secciones] of units) {
      const path = `${name(unit)}`;
      const runs = [secciones.slice(0, 6), secciones.slice(6)]
        .filter((run) => run.length > 0)
        .map((run) => ({ run, path: `${path}/${run[0]}-${run.at(-1)}` }));
      put(
        `${id}:${path}`,
        level,
        runs.map((run) => ({ path: run.path, level: 'secciones' })),
      );
      for (const run of runs)
        put(
          `${id}:${run.path}`,
          'secciones',
          run.run.map((seccion) => ({ path: `${path}/${seccion}`, level: 'seccion' })),
        );
    }
    const paths = [...units.keys()].toSorted((a, b) => a - b).map(name);
    put(
      `${id}:`,
      'entity',
      paths.map((path) => ({ path, level })),
    );
    return { id, title: id };
  });
  const read = async ({ digest }: Pick<Link, 'digest'>) => {
    asked.push(digest);
    const fault = break_(digest);
    if (fault) throw new TreeFault(fault, digest);
    return objects.get(digest);
  };
  const made: Made = { area: read, root: (contest) => read({ digest: `${contest}:` }) };
  const tree = made as unknown as Tree;
  const description = {
    contests: Object.entries(CONTESTS).map(([id, { level }]) => ({
      id,
      levels: [level],
      catalogue: { size: Infinity },
    })),
  };
  const sections = new Sections(tree, description as unknown as ElectionDescription);
  const find = async (seccion: string) => {
    const places: Place[] = [];
    const listener = {
      reading: () => {},
      found: (place: Place) => void places.push(place),
      going: () => true,
    };
    const fault = await sections.find({ contests } as unknown as Manifest, '', seccion, listener);
    return { paths: places.map(({ contest, path }) => `${contest}/${path}`), fault };
  };
  return { asked, find };
}

const placesOf = (seccion: number) =>
  Object.entries(CONTESTS).map(([id, { of }]) => `${id}/${name(of(seccion))}/${name(seccion)}`);

test('every section is found in every contest, wherever it stands, and one that is nowhere is not', async () => {
  const { find } = published();
  for (let seccion = 1; seccion <= UNITS * 10; seccion += 13) {
    expect(await find(name(seccion))).toEqual({ paths: placesOf(seccion), fault: null });
  }
  expect(await find('9000')).toEqual({ paths: [], fault: null });
});

test('where sections are numbered along the units few of them are asked for', async () => {
  for (const seccion of [1, 205, 377, 600]) {
    const { asked, find } = published();
    await find(name(seccion));
    expect(asked.filter((path) => path.startsWith('AYUN')).length).toBeLessThan(18);
  }
});

test('a unit that cannot be read keeps nobody from a section of another', async () => {
  const { find } = published((path) =>
    path === 'AYUN:0030' || path === 'DIST:0005' ? 'altered' : null,
  );
  expect(await find('0042')).toEqual({ paths: placesOf(42), fault: null });
  expect(await find('0301')).toEqual({ paths: [placesOf(301)[0]], fault: 'altered' });
});

test('a search that was cut off goes on with what it has not read', async () => {
  let answers = 14;
  let down = true;
  const { asked, find } = published(() => (down && answers-- <= 0 ? 'network' : null));
  const first = await find('0301');
  expect(first.fault).toBe('network');
  const read = new Set(asked.slice(0, 14).filter((path) => /:\d+$/.test(path)));
  expect(read.size).toBeGreaterThan(3);
  down = false;
  const before = asked.length;
  expect(await find('0301')).toEqual({ paths: placesOf(301), fault: null });
  const again = asked.slice(before).filter((path) => read.has(path));
  // Only a unit whose run was left to read.
  expect(again.length).toBeLessThan(3);
});

test('another search has less to ask for', async () => {
  const { asked, find } = published();
  await find('0301');
  const known = asked.length;
  await find('0302');
  expect(asked.length - known).toBeLessThan(known);
});

test('a contest that expects little is asked for its list, and for no unit', async () => {
  const expected = { secciones: ['0001', '0002', '0001'], areas: ['1/07', '2/08', '2/09'] };
  const areas = ['1/07', '2/08', '2/09'].map((path) => ({ path, name: `Unidad ${path}` }));
  const asked: unknown[] = [];
  const declared = async (ref: unknown) => {
    asked.push(ref);
    return { areas, expected };
  };
  const election = {
    contests: [{ id: 'X', title: 'Equis', levels: ['entity', 'district'], catalogue: { size: 9 } }],
  };
  const sections = new Sections(
    { declared } as unknown as Tree,
    election as unknown as ElectionDescription,
  );
  const manifest = { contests: [{ id: 'X', title: 'Equis' }] } as unknown as Manifest;
  const find = async (entity: string, seccion: string) => {
    const found: Place[] = [];
    const listener = {
      reading: () => {},
      found: (place: Place) => void found.push(place),
      going: () => true,
    };
    expect(await sections.find(manifest, entity, seccion, listener)).toBe(null);
    return found.map(({ path, unit }) => [path, unit]);
  };
  expect(await find('', '0002')).toEqual([['2/08/0002', 'Unidad 2/08']]);
  expect(await find('2', '0001')).toEqual([['2/09/0001', 'Unidad 2/09']]);
  expect(await find('', '0009')).toEqual([]);
  expect(asked).toHaveLength(3);
});

test('units to ask lie between the nearest sections that are known, then around them', () => {
  const numbers = (first: string, last: string) => [{ first, last, sections: null }];
  const units = [numbers('0001', '0010'), [], [], numbers('0040', '0050'), []];
  expect(bracketOf(units, '0020')).toEqual([0, 3]);
  expect(likeliest([1, 2, 4], [0, 3], 2)).toEqual([1, 2]);
  expect(likeliest([4, 9], [0, 3], 4)).toEqual([4, 9]);
  expect(likeliest([...Array(100).keys()], [-1, 100], 4)).toEqual([20, 40, 60, 80]);
});
