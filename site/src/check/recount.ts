/**
 * Counting a contest again from every acta: from the manifest down by digest to each section as it
 * stands in this cut, wherever it lies, and every acta added up.
 */

import type {
  AreaResults,
  ChildArea,
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
const AT_ONCE = 6;

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

/** A run or section, and the unit above it. */
interface Place {
  child: ChildArea;
  unit: string;
}

class Counting {
  #bytes = 0;
  #sections = 0;
  #expected = 0;
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
    const { units } = await this.#file(declared.running, 'candidacies');
    const contest = { ...declared, candidacies: units };
    const published = await this.#file(cut.results, 'area');
    this.#expected = published.summary.expected;
    const tally = new ContestTally(contest, description.rules, manifest.kind === 'closing');
    if (published.out_of_catalogue) {
      const { actas } = await this.#file(published.out_of_catalogue, 'out_of_catalogue');
      tally.addOutOfCatalogue(actas.length);
    }
    const sections = await this.#sectionsOf(published);
    await this.#eachIn(sections, ['seccion'], ({ unit, child }, found) => {
      this.#count(tally, unit, child, found as SeccionResults);
    });
    return { published, recounted: tally.result(), sections: this.#sections, bytes: this.#bytes };
  }

  /** Every section below the root, through the areas that are files and the runs in packs. */
  async #sectionsOf(root: AreaResults): Promise<Extent<Place>[]> {
    const runs: Extent<Place>[] = [];
    let areas = [root];
    while (areas.length > 0) {
      const below = areas.flatMap((area) => area.children.map((child) => ({ child, unit: area.path })));
      for (const place of below) this.#note(place.child);
      runs.push(...below.filter(({ child }) => child.level === 'secciones').map(extentOf));
      const files = below.filter(({ child }) => child.level !== 'secciones');
      areas = await inParallel(files, ({ child }) => this.#file(child.object, 'area'));
    }
    const sections: Extent<Place>[] = [];
    await this.#eachIn(runs, ['area'], ({ unit }, found) => {
      for (const child of (found as AreaResults).children) {
        this.#note(child);
        sections.push(extentOf({ child, unit }));
      }
    });
    return sections;
  }

  /** A place is listed once: twice, its actas would be counted twice. */
  #note({ path, level }: ChildArea): void {
    const place = `${level} ${path}`;
    if (this.#paths.has(place)) throw new Refusal('twice', path);
    this.#paths.add(place);
  }

  #count(tally: ContestTally, unit: string, child: ChildArea, section: SeccionResults): void {
    const own = section.contest === this.id && section.path === child.path;
    if (!own) throw new Refusal('structure', child.path);
    for (const acta of section.actas) tally.add(unit, acta);
    this.#sections += 1;
    this.tell({ actas: tally.actas, expected: this.#expected, bytes: this.#bytes });
  }

  async #file<Kind extends keyof PublishedObjects>(ref: Ref, kind: Kind): Promise<PublishedObjects[Kind]> {
    const path = `objects/${ref.sha256.slice(0, 2)}/${ref.sha256}.json`;
    const data = await this.source.readNamed(path, ref);
    this.#bytes += data.length;
    return parseObject(data, [kind], path) as PublishedObjects[Kind];
  }

  /** Reads objects in packs, some packs at once, and gives each with its place. */
  async #eachIn(
    extents: readonly Extent<Place>[],
    kinds: readonly string[],
    take: (place: Place, found: unknown) => void,
  ): Promise<void> {
    await inParallel(stretchesOf(extents), async (stretch) => {
      for await (const ready of this.#bodies(stretch)) {
        const path = `cuts/${stretch.pack}.pack`;
        const digests = await Promise.all(ready.map(([, data]) => sha256Hex(data)));
        ready.forEach(([{ ref, of }, data], index) => {
          if (digests[index] !== ref.sha256) throw new Refusal('altered', path);
          this.#bytes += data.length;
          take(of, parseObject(data, kinds, path));
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
    const position = response.status === 206 ? stretch.start : 0;
    yield* cutBody(response.body, position, stretch);
  }
}

function extentOf({ child, unit }: Place): Extent<Place> {
  const { pack, offset } = child.object;
  if (pack === undefined || offset === undefined) throw new Refusal('structure', child.path);
  return { ref: { ...child.object, pack, offset }, of: { child, unit } };
}

function parseObject(data: Bytes, kinds: readonly string[], path: string): unknown {
  const found = parseJson(data, path) as { schema: number; kind: string } | null;
  if (found?.schema !== SCHEMA || !kinds.includes(found.kind)) throw new Refusal('format', path);
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
