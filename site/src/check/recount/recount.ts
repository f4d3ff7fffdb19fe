/**
 * Counting a contest again from every acta: its parts, which several threads share, and what each
 * of them comes to added up. Every byte that is counted is named by the manifest, digest by digest.
 */

import type {
  AreaResults,
  ContestCut,
  ElectionDescription,
  Manifest,
  PublishedObjects,
  Ref,
} from '../../tree/wire';
import { branchesOf, knowsRanges, type Branch, type Declared, type Done, type Part } from './part';
import { inParallel } from './parallel';
import { Refusal } from '../refusal';
import { readObject, type Source } from '../source';
import { addOnce, ContestTally, type Recounted } from './tally';

/** Parts for each thread: small ones take less memory, and all threads end at about the same time. */
const PARTS_EACH = 3;
/** From how many packs on a thread has one part: each part asks every pack for what it needs. */
const MANY_PACKS = 64;

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

/** Counts parts in a thread, one after the other. Throws a `Refusal`. */
export type Count = (
  declared: Declared,
  branches: readonly Branch[],
  tell: (done: Done) => void,
) => Promise<Part>;

/** Counts contest `id` of the cut that `manifest` lists, in `threads`. Throws a `Refusal`. */
export async function recount(
  source: Source,
  manifest: Manifest,
  id: string,
  threads: readonly Count[],
  tell: (progress: Progress) => void,
): Promise<Recount> {
  const recounting = new Recounting(source, tell);
  return recounting.count(manifest, id, threads);
}

class Recounting {
  #bytes = 0;
  #sections = 0;
  #expected = 0;
  readonly #paths = new Set<string>();
  /** What each part has done so far. */
  readonly #done: Done[] = [];

  constructor(
    private readonly source: Source,
    private readonly tell: (progress: Progress) => void,
  ) {}

  async count(manifest: Manifest, id: string, threads: readonly Count[]): Promise<Recount> {
    const { declared, published } = await this.#contest(manifest, id);
    this.#expected = published.summary.expected;
    const tally = new ContestTally(declared.contest, declared.rules, declared.closing);
    if (published.out_of_catalogue) {
      const { actas } = await this.#file(published.out_of_catalogue, 'out_of_catalogue');
      tally.addOutOfCatalogue(actas.length);
    }
    const most = partsFor(threads.length, manifest.cut, declared.ranges);
    const parts = inParts(await this.#branchesOf(published, most), most);
    await this.#share(parts, threads, declared, tally);
    return { published, recounted: tally.result(), sections: this.#sections, bytes: this.#bytes };
  }

  /** The contest as declared, and the results that are published for it. */
  async #contest(
    manifest: Manifest,
    id: string,
  ): Promise<{ declared: Declared; published: AreaResults }> {
    const description: ElectionDescription = await this.#file(manifest.description, 'election');
    const contest = description.contests.find((declared) => declared.id === id);
    const cut = manifest.contests.find((listed) => listed.id === id);
    if (!contest || !cut) throw new Refusal('structure', id);
    const [published, { units }, ranges] = await Promise.all([
      this.#file(cut.results, 'area'),
      this.#file(contest.running, 'candidacies'),
      knowsRanges(this.source),
    ]);
    checkSame(cut, published);
    const closing = manifest.kind === 'closing';
    const declared = {
      contest: { ...contest, candidacies: units },
      rules: description.rules,
      closing,
      ranges,
    };
    return { declared, published };
  }

  /** The areas of the first level below `root` that has `enough` of them, or of the last. */
  async #branchesOf(root: AreaResults, enough: number): Promise<Branch[]> {
    let branches = branchesOf(root);
    while (branches.length < enough && branches.some(({ child }) => child.level !== 'secciones')) {
      const below = await inParallel(branches, async (branch) => {
        if (branch.child.level === 'secciones') return [branch];
        addOnce(this.#paths, branch.child.path);
        return branchesOf(await this.#file(branch.child.object, 'area'));
      });
      branches = below.flat();
    }
    return branches;
  }

  /** Each thread counts a part, and another one when that is done. */
  async #share(
    parts: Branch[][],
    threads: readonly Count[],
    declared: Declared,
    tally: ContestTally,
  ): Promise<void> {
    const left = parts.entries();
    await Promise.all(
      threads.map(async (count) => {
        for (const [index, branches] of left) {
          const part = await count(declared, branches, (done) => this.#progress(index, done));
          tally.plus(part.counted);
          for (const path of part.paths) addOnce(this.#paths, path);
          this.#sections += part.sections;
          this.#bytes += part.bytes;
        }
      }),
    );
  }

  #progress(index: number, done: Done): void {
    this.#done[index] = done;
    let [actas, bytes] = [0, 0];
    this.#done.forEach((part) => {
      actas += part.actas;
      bytes += part.bytes;
    });
    this.tell({ actas, bytes, expected: this.#expected });
  }

  async #file<Kind extends keyof PublishedObjects>(
    ref: Ref,
    kind: Kind,
  ): Promise<PublishedObjects[Kind]> {
    this.#bytes += ref.size;
    return readObject(this.source, ref, kind);
  }
}

function partsFor(threads: number, packs: number, ranges: boolean): number {
  // Who must read packs whole reads each of them once.
  if (!ranges) return 1;
  return packs < MANY_PACKS ? threads * PARTS_EACH : threads;
}

/** Neighbours together, in at most `most` parts of about as many actas. */
function inParts(branches: readonly Branch[], most: number): Branch[][] {
  const all = branches.reduce((sum, { child }) => sum + child.expected, 0);
  const parts = new Map<number, Branch[]>();
  let before = 0;
  for (const branch of branches) {
    const part = Math.min(most - 1, Math.floor((before * most) / Math.max(1, all)));
    parts.set(part, [...(parts.get(part) ?? []), branch]);
    before += branch.child.expected;
  }
  return [...parts.values()];
}

/** The landing shows the manifest's figures, and the contest's own view those of its results. */
function checkSame(cut: ContestCut, { summary, votes, contest }: AreaResults): void {
  const shown = JSON.stringify([cut.id, cut.summary, cut.votes]);
  if (shown !== JSON.stringify([contest, summary, votes]))
    throw new Refusal('landing-differs', cut.id);
}
