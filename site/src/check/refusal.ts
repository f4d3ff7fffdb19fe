/** Why a check says no. Each has its words in every language (`texts/*.check.ts`). */
export type Reason =
  /** No answer. */
  | 'network'
  /** A file that another one names is not there. */
  | 'missing'
  /** Bytes that are not those that were named. */
  | 'altered'
  /** More bytes than such a file may have. */
  | 'too-large'
  /** Not the documented format, or of a version that this page does not know. */
  | 'format'
  | 'note'
  | 'signature'
  | 'nobody-signed'
  | 'checkpoint'
  | 'other-log'
  | 'key-of-other-cuts'
  | 'cut-not-in-log'
  | 'entry-not-in-log'
  | 'other-entry'
  | 'acta-not-in-log'
  | 'not-captured'
  | 'fork'
  | 'shrunk'
  | 'trust-signatures'
  | 'trust-version'
  | 'trust-other-election'
  | 'trust-incomplete'
  | 'trust-changed'
  | 'trust-gone'
  | 'rules-differ'
  | 'structure'
  | 'landing-differs'
  | 'twice'
  | 'counting'
  /** Receipts: no receipt; no proof; signed by nobody who is trusted for it. */
  | 'receipt'
  | 'receipt-proof'
  | 'receipt-keys'
  | 'too-large-for-qr';

/** A check that cannot be passed: why, and at what (a path, a name, an index). */
export class Refusal extends Error {
  constructor(
    readonly reason: Reason,
    readonly at = '',
  ) {
    super(`${reason}: ${at}`);
  }
}

/** What to tell another thread of an error. */
export function refusalOf(error: unknown): { reason: Reason; at: string } {
  return error instanceof Refusal
    ? { reason: error.reason, at: error.at }
    : { reason: 'format', at: String(error) };
}
