/** What the checks of a view share: the tree, and the signed cut, verified once for each cut. */

import type { Manifest } from '../../tree/wire';
import { holdAgainstSeen, localStorageOrNone, type Since } from '../trust/seen';
import { verifyCut, type SignedCut } from '../signed_cut';
import { Source } from '../source';

export interface CheckedCut {
  signed: SignedCut;
  since: Since;
}

/** The tree's address: that of the page, whatever its hash. */
export function treeAddress(): string {
  return new URL('.', document.baseURI).href;
}

export class Bench {
  readonly source = new Source(treeAddress());
  #cut: number | null = null;
  #checked: Promise<CheckedCut> | null = null;

  /** The signatures and the log of a cut; verified anew when `again`, or after a failure. */
  check(manifest: Manifest, again = false): Promise<CheckedCut> {
    if (!this.#checked || this.#cut !== manifest.cut || again) {
      this.#cut = manifest.cut;
      this.#checked = this.#verify(manifest);
      this.#checked.catch(() => (this.#checked = null));
    }
    return this.#checked;
  }

  async #verify(manifest: Manifest): Promise<CheckedCut> {
    const signed = await verifyCut(this.source, manifest);
    return { signed, since: await holdAgainstSeen(localStorageOrNone(), manifest, signed) };
  }
}
