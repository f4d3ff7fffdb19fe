/** What can go wrong with reading the tree, as the reader is told. */

export type Fault =
  /** No answer, or an answer that says the server cannot. */
  | 'network'
  /** An answer that began and did not come whole. */
  | 'cut-off'
  /** What a verified file names is not there. */
  | 'missing'
  /** This tree has of an earlier cut what its manifest says, and no more: it came later. */
  | 'totals-only'
  /** The bytes are not those that were named. */
  | 'altered'
  /** Not the format that is documented, or of a version that this page does not know. */
  | 'unknown-format'
  /** The pointer has gone back to a cut before the one shown. */
  | 'older';

/** Why an image is not shown. */
export type FaultOfImage = Exclude<Fault, 'totals-only'> | 'unreadable';

export class TreeFault extends Error {
  constructor(
    readonly fault: Fault,
    readonly path: string,
  ) {
    super(`${fault}: ${path}`);
  }
}
