/**
 * Counting a contest again from every acta: from the manifest down by digest to the runs of
 * sections, which several counters share, and what each counted added up.
 */

import type {
  AreaResults,
  ChildArea,
  ContestCut,
  ElectionDescription,
  Manifest,
  PublishedObjects,
  Ref,
} from '../wire';
import { extentOf, type Counter, type Declared, type Done, type Run } from './counter';
import { inParallel } from './parallel';
import { Refusal } from './refusal';
import { checkKind, parseJson, type Source } from './source';
import { addOnce, ContestTally, type Recounted } from './tally';

/** Parts of a contest for each counter, so that all of them end at about the same time. */
const PARTS_EACH = 4;

export interface Progress extends Done {
  /** How many actas the contest says it expects. */
  expected: number;
}

export interface Recount {
  /** What is published for the contest, every byte of it named by the manifest. */
  published: AreaResults;
  recounted: Recounted;
  sections: number;
  bytes: number;
}

/** Makes the counters of a contest, at most `most` of them; each tells what it has done. */
export type Hire = (
  declared: Declared,
  most: number,
  tellOf: (counter: number) => (done: Done) => void,
) => Counter[];

/** Counts contest `id` of the cut that `manifest` lists. Throws a `Refusal`. */
export async function recount(
  source: Source,
  manifest: Manifest,
  id: string,
  hire: Hire,
  tell: (progress: Progress) => void,
): Promise<Recount> {
  const reading = new Reading(source);
  const { declared, published } = await reading.contest(manifest, id);
  const tally = new ContestTally(declared.contest, declared.rules, declared.closing);
  if (published.out_of_catalogue) {
    const { actas } = await reading.file(published.out_of_catalogue, 'out_of_catalogue');
    tally.addOutOfCatalogue(actas.length);
  }
  const runs = await reading.runsOf(published);
  const done: Done[] = [];
  const counters = hire(declared, runs.length, (counter) => (news) => {
    done[counter] = news;
    tell({ ...sumOf(done, reading.bytes), expected: published.summary.expected });
  });
  await share(runs, counters);
  const sections = new Set<string>();
  let bytes = reading.bytes;
  for (const part of await Promise.all(counters.map((counter) => counter.part()))) {
    tally.plus(part.counted);
    for (const path of part.sections) addOnce(sections, path);
    bytes += part.bytes;
  }
  return { published, recounted: tally.result(), sections: sections.size, bytes };
}

function sumOf(all: readonly Done[], bytes: number): Done {
  const sum = { actas: 0, bytes };
  // Who told nothing yet has no place.
  all.forEach((one) => {
    sum.actas += one.actas;
    sum.bytes += one.bytes;
  });
  return sum;
}

/** Gives each counter a part of the runs, neighbours together, and another one when that is done. */
async function share(runs: readonly Run[], counters: readonly Counter[]): Promise<void> {
  const size = Math.ceil(runs.length / (counters.length * PARTS_EACH));
  let next = 0;
  await Promise.all(
    counters.map(async (counter) => {
      while (next < runs.length) {
        next += size;
        await counter.count(runs.slice(next - size, next));
      }
    }),
  );
}

/** What is read above the sections. */
class Reading {
  bytes = 0;
  readonly #paths = new Set<string>();

  constructor(private readonly source: Source) {}

  /** The contest as declared, and the results that are published for it. */
  async contest(manifest: Manifest, id: string): Promise<{ declared: Declared; published: AreaResults }> {
    const description: ElectionDescription = await this.file(manifest.description, 'election');
    const contest = description.contests.find((one) => one.id === id);
    const cut = manifest.contests.find((one) => one.id === id);
    if (!contest || !cut) throw new Refusal('structure', id);
    const [published, { units }] = await Promise.all([
      this.file(cut.results, 'area'),
      this.file(contest.running, 'candidacies'),
    ]);
    checkSame(cut, published);
    const declared = {
      contest: { ...contest, candidacies: units },
      rules: description.rules,
      closing: manifest.kind === 'closing',
    };
    return { declared, published };
  }

  /** Every run below the root, through the areas that are files. */
  async runsOf(root: AreaResults): Promise<Run[]> {
    const runs: Run[] = [];
    let areas = [root];
    while (areas.length > 0) {
      const files: ChildArea[] = [];
      for (const { path: unit, children } of areas) {
        for (const child of children) {
          addOnce(this.#paths, child.path);
          if (child.level === 'secciones') runs.push(extentOf(child, unit));
          else files.push(child);
        }
      }
      areas = await inParallel(files, ({ object }) => this.file(object, 'area'));
    }
    return runs;
  }

  async file<Kind extends keyof PublishedObjects>(ref: Ref, kind: Kind): Promise<PublishedObjects[Kind]> {
    const path = `objects/${ref.sha256.slice(0, 2)}/${ref.sha256}.json`;
    // Read once: the copies that the page keeps are for what is looked at again.
    const data = await this.source.readNamed(path, ref, true);
    this.bytes += data.length;
    return checkKind(parseJson(data, path), kind, path) as PublishedObjects[Kind];
  }
}

/** The landing shows the manifest's figures, and the contest's own view those of its results. */
function checkSame(cut: ContestCut, { summary, votes, contest }: AreaResults): void {
  const shown = JSON.stringify([cut.id, cut.summary, cut.votes]);
  if (shown !== JSON.stringify([contest, summary, votes])) throw new Refusal('landing-differs', cut.id);
}
