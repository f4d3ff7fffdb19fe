/**
 * Counting a contest again from every acta: from the manifest down by digest to each section as it
 * stands in this cut, wherever it lies, and every acta added up.
 */

import type {
  AreaResults,
  ChildArea,
  ContestCut,
  ElectionDescription,
  Manifest,
  PublishedObjects,
  Ref,
  SeccionResults,
} from '../wire';
import type { Bytes } from './bytes';
import { cutBody, stretchesOf, type Extent, type Stretch } from './extents';
import { sha256Hex } from './hashing';
import { Refusal } from './refusal';
import { parseJson, type Source } from './source';
import { ContestTally, type Recounted } from './tally';

const SCHEMA = 1;
const AT_ONCE = 3;
/** Bytes asked for at once, where the server knows ranges. */
const MOST_AT_ONCE = 2 * 1024 * 1024;

export interface Progress {
  /** Actas counted so far, and how many the contest says it expects. */
  actas: number;
  expected: number;
  bytes: number;
}

export interface Recount {
  /** What is published for the contest, every byte of it named by the manifest. */
  published: AreaResults;
  recounted: Recounted;
  sections: number;
  bytes: number;
}

/** Counts contest `id` of the cut that `manifest` lists. Throws a `Refusal`. */
export async function recount(
  source: Source,
  manifest: Manifest,
  id: string,
  tell: (progress: Progress) => void,
): Promise<Recount> {
  const counting = new Counting(source, id, tell);
  return counting.run(manifest);
}

/** Where a run or section stands, and in which unit. */
interface Place {
  path: string;
  unit: string;
}

class Counting {
  #bytes = 0;
  #sections = 0;
  #expected = 0;
  /** Known once a pack was asked for: without ranges, a pack comes whole or not at all. */
  #ranges = false;
  readonly #paths = new Set<string>();

  constructor(
    private readonly source: Source,
    private readonly id: string,
    private readonly tell: (progress: Progress) => void,
  ) {}

  async run(manifest: Manifest): Promise<Recount> {
    const description: ElectionDescription = await this.#file(manifest.description, 'election');
    const declared = description.contests.find(({ id }) => id === this.id);
    const cut = manifest.contests.find(({ id }) => id === this.id);
    if (!declared || !cut) throw new Refusal('structure', this.id);
    const [published, { units }] = await Promise.all([
      this.#file(cut.results, 'area'),
      this.#file(declared.running, 'candidacies'),
    ]);
    checkSame(cut, published);
    this.#expected = published.summary.expected;
    const contest = { ...declared, candidacies: units };
    const tally = new ContestTally(contest, description.rules, manifest.kind === 'closing');
    if (published.out_of_catalogue) {
      const { actas } = await this.#file(published.out_of_catalogue, 'out_of_catalogue');
      tally.addOutOfCatalogue(actas.length);
    }
    const sections = await this.#sectionsOf(published);
    await this.#eachIn(sections, ['seccion'], ({ unit, path }, found) => {
      this.#count(tally, unit, path, found as SeccionResults);
    });
    return { published, recounted: tally.result(), sections: this.#sections, bytes: this.#bytes };
  }

  /** Every section below the root, through the areas that are files and the runs in packs. */
  async #sectionsOf(root: AreaResults): Promise<Extent<Place>[]> {
    const runs: Extent<Place>[] = [];
    let areas = [root];
    while (areas.length > 0) {
      const files: ChildArea[] = [];
      for (const { path: unit, children } of areas) {
        for (const child of children) {
          this.#note(child);
          if (child.level === 'secciones') runs.push(extentOf(child, unit));
          else files.push(child);
        }
      }
      areas = await inParallel(files, ({ object }) => this.#file(object, 'area'));
    }
    const sections: Extent<Place>[] = [];
    await this.#eachIn(runs, ['area'], ({ unit }, found) => {
      for (const child of (found as AreaResults).children) {
        this.#note(child);
        sections.push(extentOf(child, unit));
      }
    });
    return sections;
  }

  /** A place is listed once: twice, its actas would be counted twice. */
  #note({ path }: ChildArea): void {
    if (this.#paths.has(path)) throw new Refusal('twice', path);
    this.#paths.add(path);
  }

  #count(tally: ContestTally, unit: string, path: string, section: SeccionResults): void {
    const own = section.contest === this.id && section.path === path;
    if (!own) throw new Refusal('structure', path);
    for (const acta of section.actas) tally.add(unit, acta);
    this.#sections += 1;
    this.tell({ actas: tally.actas, expected: this.#expected, bytes: this.#bytes });
  }

  async #file<Kind extends keyof PublishedObjects>(ref: Ref, kind: Kind): Promise<PublishedObjects[Kind]> {
    const path = `objects/${ref.sha256.slice(0, 2)}/${ref.sha256}.json`;
    const data = await this.source.readNamed(path, ref);
    this.#bytes += data.length;
    return checkKind(parseJson(data, path), [kind], path) as PublishedObjects[Kind];
  }

  /** Reads objects in packs, some packs at once, and gives each with its place. */
  async #eachIn(
    extents: readonly Extent<Place>[],
    kinds: readonly string[],
    take: (place: Place, found: unknown) => void,
  ): Promise<void> {
    const most = this.#ranges ? MOST_AT_ONCE : Infinity;
    await inParallel(stretchesOf(extents, most), async (stretch) => {
      const path = `cuts/${stretch.pack}.pack`;
      for await (const ready of this.#bodies(stretch)) {
        // The browser digests on other threads; meanwhile this one parses what it does not believe.
        const digests = Promise.all(ready.map(([, data]) => sha256Hex(data)));
        const parsed = ready.map(([, data]) => tryJson(data, path));
        (await digests).forEach((digest, index) => {
          const [{ ref, of }, data] = ready[index]!;
          if (digest !== ref.sha256) throw new Refusal('altered', path);
          this.#bytes += data.length;
          take(of, checkKind(parsed[index], kinds, path));
        });
      }
    });
  }

  /** The stretch's bytes by range, or out of the whole pack where a server knows no ranges. */
  async *#bodies(stretch: Stretch<Place>): AsyncGenerator<[Extent<Place>, Bytes][]> {
    const path = `cuts/${stretch.pack}.pack`;
    const headers = { Range: `bytes=${stretch.start}-${stretch.end - 1}` };
    const response = await this.source.ask(path, { headers, signal: null });
    if (!response.body) throw new Refusal('network', path);
    this.#ranges = response.status === 206;
    yield* cutBody(response.body, this.#ranges ? stretch.start : 0, stretch);
  }
}

/** The landing shows the manifest's figures, and the contest's own view those of its results. */
function checkSame(cut: ContestCut, { summary, votes, contest }: AreaResults): void {
  const shown = JSON.stringify([cut.id, cut.summary, cut.votes]);
  if (shown !== JSON.stringify([contest, summary, votes])) throw new Refusal('landing-differs', cut.id);
}

function extentOf({ path, object }: ChildArea, unit: string): Extent<Place> {
  const { pack, offset } = object;
  if (pack === undefined || offset === undefined) throw new Refusal('structure', path);
  return { ref: object as Extent<Place>['ref'], of: { path, unit } };
}

/** What the bytes say; `null` where they are no JSON, which their digest may explain. */
function tryJson(data: Bytes, path: string): unknown {
  try {
    return parseJson(data, path);
  } catch {
    return null;
  }
}

function checkKind(found: unknown, kinds: readonly string[], path: string): unknown {
  const { schema, kind } = (found ?? {}) as { schema?: number; kind?: string };
  if (schema !== SCHEMA || kind === undefined || !kinds.includes(kind)) throw new Refusal('format', path);
  return found;
}

/** What `work` gives for each, `AT_ONCE` at a time, in the order of `list`. */
async function inParallel<One, Result>(
  list: readonly One[],
  work: (one: One) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(list.length);
  let next = 0;
  async function go(): Promise<void> {
    while (next < list.length) {
      const index = next;
      next += 1;
      results[index] = await work(list[index]!);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, go));
  return results;
}
