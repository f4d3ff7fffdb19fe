/** Finding a section by its number: which unit of each contest has it. */

import { boundsOf, isRun, runWith } from '../figures/runs';
import { idOf } from '../address/title';
import { areaAt, rootOf, runAt } from '../tree/areas';
import { TreeFault, type Fault, type Tree } from '../tree/tree';
import type {
  AreaName,
  ElectionDescription,
  Level,
  Manifest,
  PublishedContest,
} from '../tree/wire';
import type { AreaResults } from '../tree/results';
import { bracketOf, likeliest, type Numbers } from './seeking';

export interface Place {
  contest: string;
  title: string;
  path: string;
  unit: string;
}

/** How far the search of a contest has come. */
export interface Reading {
  title: string;
  level: Level;
  read: number;
  of: number;
}

/** What a search tells while it goes on; where `going` says no, it is not continued. */
export interface Listener {
  reading(now: Reading): void;
  found(place: Place): void;
  going(): boolean;
}

interface Unit {
  level: Level;
  path: string;
  name: string;
  read(): Promise<AreaResults>;
}

/** A unit's run, and its sections where it has been read. */
interface Run extends Numbers {
  sections: readonly string[] | null;
}

/** Fewer than the page asks for at once, so that a view opened meanwhile need not wait. */
const AT_ONCE = 4;

/**
 * Bytes of a contest's list of what it expects, up to which all of it costs less than looking into its units: it is
 * compressed to a tenth.
 */
const MOST_OF_CATALOGUE = 2 * 1024 * 1024;

/**
 * Which sections each unit has, as far as it has been read. No cut changes it, so a search that was
 * cut off goes on from here, and the next one has less to ask for.
 */
export class Sections {
  readonly #runs = new Map<string, Run[]>();

  constructor(
    private readonly tree: Tree,
    readonly election: ElectionDescription,
  ) {}

  /**
   * Tells in which unit of each contest the section `id` is; `entity` is empty where the election
   * is of one. Why the search of some contest did not come to its end is returned; `null` if all did.
   */
  async find(
    manifest: Manifest,
    entity: string,
    id: string,
    listener: Listener,
  ): Promise<Fault | null> {
    let fault: Fault | null = null;
    let like: Unit | null = null;
    for (const { id: contest, title } of manifest.contests) {
      if (fault === 'network' || !listener.going()) break;
      try {
        const declared = this.election.contests.find(({ id }) => id === contest)!;
        if (declared.catalogue.size <= MOST_OF_CATALOGUE) {
          const place = await this.#inCatalogue(declared, entity, id, listener);
          if (place) listener.found(place);
          continue;
        }
        const units = await this.#unitsOf(manifest, contest, entity);
        const tell = (read: number) =>
          listener.reading({ title, level: units[0]!.level, read, of: units.length });
        const unit: Unit | null = await this.#unitWith(contest, units, id, like, tell, listener);
        if (!unit) continue;
        like = unit;
        listener.found({
          contest,
          title,
          path: unit.path ? `${unit.path}/${id}` : id,
          unit: unit.name,
        });
      } catch (error) {
        fault = faultOf(error);
      }
    }
    return fault;
  }

  /** Where a contest's own list of what it expects has the section; `null` where it has no such section. */
  async #inCatalogue(
    { id: contest, title, levels, catalogue }: PublishedContest,
    entity: string,
    id: string,
    listener: Listener,
  ): Promise<Place | null> {
    const level = levels.at(-1)!;
    listener.reading({ title, level, read: 0, of: 1 });
    const { areas, expected } = await this.tree.declared(catalogue, 'catalogue');
    const at = levels.indexOf('entity');
    const own = expected.secciones.findIndex(
      (seccion, index) =>
        seccion === id &&
        (entity === '' || at < 0 || expected.areas[index]!.split('/')[at] === entity),
    );
    if (own < 0) return null;
    const path = expected.areas[own]!;
    const unit = areas.find((area) => area.path === path)?.name ?? this.election.root.name;
    return { contest, title, path: path ? `${path}/${id}` : id, unit };
  }

  /** A contest's units, all or those of an entity. */
  async #unitsOf(manifest: Manifest, contest: string, entity: string): Promise<Unit[]> {
    const level = this.election.contests.find(({ id }) => id === contest)?.levels.at(-1);
    const below = async (area: AreaResults): Promise<Unit[]> => {
      if (area.children.some(isRun)) return [{ ...area, read: async () => area }];
      const within = area.children.filter(
        (child) => entity === '' || child.level !== 'entity' || idOf(child.path) === entity,
      );
      const units = within.map(async ({ object, ...child }) => {
        const read = () => areaAt(this.tree, object);
        return child.level === level ? [{ ...child, read }] : below(await read());
      });
      return (await Promise.all(units)).flat();
    };
    return below(await rootOf(this.tree, manifest, contest));
  }

  /** The unit that has the section. Throws a `TreeFault` where none is found and some could not be read. */
  async #unitWith(
    contest: string,
    units: readonly Unit[],
    id: string,
    like: Unit | null,
    tell: (read: number) => void,
    { going }: Listener,
  ): Promise<Unit | null> {
    const known = units.map((unit) => this.#known(contest, unit, id));
    if (known.includes(true)) return units[known.indexOf(true)]!;
    let unread = [...units.keys()].filter((index) => known[index] === null);
    let failed: number[] = [];
    const alike = unread.filter(
      (index) =>
        like && units[index]!.level === like.level && idOf(units[index]!.path) === idOf(like.path),
    );
    let wave = alike.length > 0 ? alike.slice(0, AT_ONCE) : this.#next(contest, units, id, unread);
    while (wave.length > 0 && going()) {
      tell(units.length - unread.length - failed.length);
      const answers = await Promise.all(
        wave.map((index) => this.#has(contest, units[index]!, id).catch(faultOf)),
      );
      const found = answers.indexOf(true);
      if (found >= 0) return units[wave[found]!]!;
      const faults = answers.filter((answer) => typeof answer === 'string');
      if (faults.length === wave.length) throw new TreeFault(faults[0]!, contest);
      failed.push(...wave.filter((_, at) => answers[at] !== false));
      unread = unread.filter((index) => !wave.includes(index));
      if (unread.length === 0) [unread, failed] = [failed, []];
      wave = this.#next(contest, units, id, unread);
    }
    return null;
  }

  #next(contest: string, units: readonly Unit[], id: string, unread: readonly number[]): number[] {
    const runs = units.map(({ path }) => this.#runs.get(`${contest}/${path}`) ?? []);
    return likeliest(unread, bracketOf(runs, id), AT_ONCE);
  }

  /** Whether a unit has the section; `null` where what was read of it does not tell. */
  #known(contest: string, { path }: Unit, id: string): boolean | null {
    const runs = this.#runs.get(`${contest}/${path}`);
    const own = runs?.find(({ first, last }) => first <= id && id <= last);
    return own ? (own.sections?.includes(id) ?? null) : runs ? false : null;
  }

  async #has(contest: string, unit: Unit, id: string): Promise<boolean> {
    const area = await unit.read();
    const own = runWith(area.children, id);
    const run = own && (await runAt(this.tree, own.object, area));
    const sections = run ? run.sections.map(({ name }) => name) : null;
    const key = `${contest}/${unit.path}`;
    const before = this.#runs.get(key);
    this.#runs.set(
      key,
      runsOf(area, (path, at) =>
        path === own?.path ? sections : (before?.[at]?.sections ?? null),
      ),
    );
    return sections?.includes(id) ?? false;
  }
}

/** The nation's entities, of the first contest: right below it, or below its circunscripciones. */
export async function entitiesOf(tree: Tree, manifest: Manifest): Promise<AreaName[]> {
  const { children } = await rootOf(tree, manifest, manifest.contests[0]!.id);
  const below = children.filter(({ level }) => level === 'circunscripcion');
  const areas = await Promise.all(below.map(({ object }) => areaAt(tree, object)));
  return [...children, ...areas.flatMap((area) => area.children)].filter(
    ({ level }) => level === 'entity',
  );
}

function runsOf(
  unit: AreaResults,
  sectionsOf: (path: string, at: number) => readonly string[] | null,
): Run[] {
  return unit.children.filter(isRun).map(({ path }, at) => {
    const [first, last] = boundsOf(path);
    return { first, last, sections: sectionsOf(path, at) };
  });
}

function faultOf(error: unknown): Fault {
  return error instanceof TreeFault ? error.fault : 'unknown-format';
}
