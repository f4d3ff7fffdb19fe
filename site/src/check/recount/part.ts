/**
 * Counting a part of a contest: some areas, down by digest to each section as it stands in this
 * cut, wherever it lies, and every acta added up.
 */

import type { Contest } from '../../figures/running';
import type {
  AreaResults,
  ChildArea,
  PublishedObjects,
  PublishedRules,
  Ref,
  SeccionResults,
} from '../../tree/wire';
import type { Bytes } from '../log/bytes';
import { BY_RANGE, cutBody, stretchesOf, WHOLE, type Extent, type Stretch } from './extents';
import { isDigestOf } from '../log/hashing';
import { inParallel } from './parallel';
import { Refusal } from '../refusal';
import { checkKind, MAX_OBJECT_BYTES, parseJson, readObject, type Source } from '../source';
import { addOnce, ContestTally, type Counted } from './tally';

/** An area that a parent names, and the parent's own path: the unit of a run. */
export interface Branch {
  child: ChildArea;
  unit: string;
}

/** What is the same for every part of a contest. */
export interface Declared {
  contest: Contest;
  rules: PublishedRules;
  closing: boolean;
  /** Whether the server answers for some bytes of a pack; if not, a pack comes whole. */
  ranges: boolean;
}

/** What was counted in so many bytes. */
export interface Part {
  counted: Counted;
  /** Paths of the areas and sections in it, each once. */
  paths: Set<string>;
  sections: number;
  bytes: number;
}

/** Actas and bytes so far. */
export interface Done {
  actas: number;
  bytes: number;
}

/** Counts the areas below `branches`. Throws a `Refusal`. */
export function countPart(
  source: Source,
  declared: Declared,
  branches: readonly Branch[],
  tell: (done: Done) => void,
): Promise<Part> {
  return new Counting(source, declared, tell).count(branches);
}

interface Place {
  path: string;
  unit: string;
}

class Counting {
  readonly #tally: ContestTally;
  readonly #paths = new Set<string>();
  #sections = 0;
  #bytes = 0;

  constructor(
    private readonly source: Source,
    private readonly declared: Declared,
    private readonly tell: (done: Done) => void,
  ) {
    this.#tally = new ContestTally(declared.contest, declared.rules, declared.closing);
  }

  async count(branches: readonly Branch[]): Promise<Part> {
    const runs = await this.#runsBelow(branches);
    const sections: Extent<Place>[] = [];
    await this.#eachIn(runs, 'area', ({ unit }, run) => {
      for (const child of run.children) sections.push(this.#extentOf({ child, unit }));
    });
    await this.#eachIn(sections, 'seccion', (place, section) => this.#add(place, section));
    const { counted } = this.#tally;
    return { counted, paths: this.#paths, sections: this.#sections, bytes: this.#bytes };
  }

  /** Through the areas that are files, to the runs in packs. */
  async #runsBelow(branches: readonly Branch[]): Promise<Extent<Place>[]> {
    const runs: Extent<Place>[] = [];
    let level = branches;
    while (level.length > 0) {
      const files: Branch[] = [];
      for (const branch of level) {
        if (branch.child.level === 'secciones') runs.push(this.#extentOf(branch));
        else files.push(branch);
      }
      const areas = await inParallel(files, ({ child }) => this.#file(child));
      level = areas.flatMap(branchesOf);
    }
    return runs;
  }

  async #file({ path, object }: ChildArea): Promise<AreaResults> {
    this.#note(path);
    this.#bytes += object.size;
    return readObject(this.source, object, 'area');
  }

  /** A run or section where its parent says it is. */
  #extentOf({ child: { path, object }, unit }: Branch): Extent<Place> {
    this.#note(path);
    const { pack, offset, size } = object;
    const isPlace = [pack, offset, size].every((part) => Number.isSafeInteger(part) && part! >= 0);
    if (!isPlace) throw new Refusal('structure', path);
    if (size > MAX_OBJECT_BYTES) throw new Refusal('too-large', path);
    return { ref: object as Required<Ref>, of: { path, unit } };
  }

  /** A place is listed once: twice, its actas would be counted twice. */
  #note(path: string): void {
    addOnce(this.#paths, path);
  }

  #add({ unit, path }: Place, section: SeccionResults): void {
    const own = section.contest === this.declared.contest.id && section.path === path;
    if (!own) throw new Refusal('structure', path);
    for (const acta of section.actas) this.#tally.add(unit, acta);
    this.#sections += 1;
    this.tell({ actas: this.#tally.actas, bytes: this.#bytes });
  }

  /** Reads objects in packs, some stretches at once, and gives each with its place. */
  async #eachIn<Kind extends 'area' | 'seccion'>(
    extents: readonly Extent<Place>[],
    kind: Kind,
    take: (place: Place, found: PublishedObjects[Kind]) => void,
  ): Promise<void> {
    const stretches = stretchesOf(extents, this.declared.ranges ? BY_RANGE : WHOLE);
    await inParallel(stretches, async (stretch) => {
      const path = `cuts/${stretch.pack}.pack`;
      for await (const ready of this.#bodies(stretch)) {
        const named = await Promise.all(
          ready.map(([{ ref }, data]) => isDigestOf(ref.sha256, data)),
        );
        if (!named.every(Boolean)) throw new Refusal('altered', path);
        for (const [{ ref, of }, data] of ready) {
          this.#bytes += ref.size;
          take(of, checkKind(parseJson(data, path), kind, path));
        }
      }
    });
  }

  /** The stretch's bytes by range, or out of the whole pack where a server knows no ranges. */
  async *#bodies(stretch: Stretch<Place>): AsyncGenerator<[Extent<Place>, Bytes][]> {
    const path = `cuts/${stretch.pack}.pack`;
    const response = await askRange(this.source, path, stretch.start, stretch.end);
    if (!response.body) throw new Refusal('network', path);
    yield* cutBody(response.body, response.status === 206 ? stretch.start : 0, stretch);
  }
}

export function branchesOf({ path, children }: AreaResults): Branch[] {
  return children.map((child) => ({ child, unit: path }));
}

/** Whether the server answers for some bytes of a pack: the first, since later ones may be empty. */
export async function knowsRanges(source: Source): Promise<boolean> {
  const response = await askRange(source, 'cuts/0.pack', 0, 1);
  await response.body?.cancel();
  return response.status === 206;
}

function askRange(source: Source, path: string, start: number, end: number): Promise<Response> {
  const headers = { Range: `bytes=${start}-${end - 1}` };
  // Ranges of one file wait for each other where the browser keeps what it read of it.
  return source.ask(path, { headers, cache: 'no-store' });
}
