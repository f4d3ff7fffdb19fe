/**
 * Counting some runs of a contest: each section by digest as it stands in this cut, wherever it
 * lies, and every acta of it added up.
 */

import type { Contest } from '../running';
import type { AreaResults, ChildArea, PublishedRules, Ref, SeccionResults } from '../wire';
import { cutBody, stretchesOf, type Extent, type Stretch } from './extents';
import type { Bytes } from './bytes';
import { isDigestOf } from './hashing';
import { inParallel } from './parallel';
import { Refusal } from './refusal';
import { checkKind, MAX_OBJECT_BYTES, parseJson, type Source } from './source';
import { addOnce, ContestTally, type Counted } from './tally';

/** Bytes asked for at once, where the server knows ranges. */
const MOST_AT_ONCE = 2 * 1024 * 1024;

/** Where a run or section stands, and in which unit. */
interface Place {
  path: string;
  unit: string;
}

/** Sections that stand side by side under a unit, to be read out of a pack. */
export type Run = Extent<Place>;

/** A contest as its description declares it, and by which rules it is counted. */
export interface Declared {
  contest: Contest;
  rules: PublishedRules;
  closing: boolean;
}

/** What was counted in so many bytes. */
export interface Part {
  counted: Counted;
  /** Paths of the sections, each once. */
  sections: Set<string>;
  bytes: number;
}

/** Actas and bytes so far. */
export interface Done {
  actas: number;
  bytes: number;
}

/** Who counts runs: one of this thread or of another. Every promise may reject with a `Refusal`. */
export interface Counter {
  /** Adds the actas of some runs. */
  count(runs: readonly Run[]): Promise<void>;
  /** All that it counted. */
  part(): Promise<Part>;
}

/** A run or section where its parent says it is. Throws a `Refusal`. */
export function extentOf({ path, object }: ChildArea, unit: string): Run {
  const { pack, offset, size } = object;
  const isPlace = [pack, offset, size].every((one) => Number.isSafeInteger(one) && one! >= 0);
  if (!isPlace) throw new Refusal('structure', path);
  if (size > MAX_OBJECT_BYTES) throw new Refusal('too-large', path);
  return { ref: object as Required<Ref>, of: { path, unit } };
}

/** Counts in the thread that it is made in. */
export class ThisThread implements Counter {
  readonly #tally: ContestTally;
  readonly #sections = new Set<string>();
  #bytes = 0;
  /** Known once a pack was asked for: without ranges, a pack comes whole or not at all. */
  #ranges = false;

  constructor(
    private readonly source: Source,
    private readonly declared: Declared,
    private readonly tell: (done: Done) => void,
  ) {
    this.#tally = new ContestTally(declared.contest, declared.rules, declared.closing);
  }

  async count(runs: readonly Run[]): Promise<void> {
    const sections: Run[] = [];
    await this.#eachIn(runs, 'area', ({ unit }, found) => {
      for (const child of (found as AreaResults).children) {
        // A place is listed once: twice, its actas would be counted twice.
        addOnce(this.#sections, child.path);
        sections.push(extentOf(child, unit));
      }
    });
    await this.#eachIn(sections, 'seccion', (place, found) => this.#add(place, found as SeccionResults));
  }

  async part(): Promise<Part> {
    return { counted: this.#tally.counted, sections: this.#sections, bytes: this.#bytes };
  }

  #add({ unit, path }: Place, section: SeccionResults): void {
    const own = section.contest === this.declared.contest.id && section.path === path;
    if (!own) throw new Refusal('structure', path);
    for (const acta of section.actas) this.#tally.add(unit, acta);
    this.tell({ actas: this.#tally.actas, bytes: this.#bytes });
  }

  /** Reads objects in packs, some stretches at once, and gives each with its place. */
  async #eachIn(
    extents: readonly Run[],
    kind: string,
    take: (place: Place, found: unknown) => void,
  ): Promise<void> {
    const most = this.#ranges ? MOST_AT_ONCE : Infinity;
    await inParallel(stretchesOf(extents, most), async (stretch) => {
      const path = `cuts/${stretch.pack}.pack`;
      for await (const ready of this.#bodies(stretch)) {
        // The browser digests on other threads; meanwhile this one parses what it does not believe.
        const digests = Promise.all(ready.map(([{ ref }, data]) => isDigestOf(ref.sha256, data)));
        const parsed = ready.map(([, data]) => tryJson(data, path));
        (await digests).forEach((isNamed, index) => {
          const [{ of }, data] = ready[index]!;
          if (!isNamed) throw new Refusal('altered', path);
          this.#bytes += data.length;
          take(of, checkKind(parsed[index], kind, path));
        });
      }
    });
  }

  /** The stretch's bytes by range, or out of the whole pack where a server knows no ranges. */
  async *#bodies(stretch: Stretch<Place>): AsyncGenerator<[Run, Bytes][]> {
    const path = `cuts/${stretch.pack}.pack`;
    const headers = { Range: `bytes=${stretch.start}-${stretch.end - 1}` };
    // Kept copies of one file are written one after the other: its ranges would wait for each other.
    const response = await this.source.ask(path, { headers, signal: null, cache: 'no-store' });
    if (!response.body) throw new Refusal('network', path);
    this.#ranges = response.status === 206;
    yield* cutBody(response.body, this.#ranges ? stretch.start : 0, stretch);
  }
}

/** What the bytes say; `null` where they are no JSON, which their digest may explain. */
function tryJson(data: Bytes, path: string): unknown {
  try {
    return parseJson(data, path);
  } catch {
    return null;
  }
}
