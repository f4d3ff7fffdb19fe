/**
 * Leaves as columns: of each version of an acta of one contest what is counted, out of the bytes of its leaf.
 * Nothing else of the log becomes an object, which is what reading half a million of them would cost.
 */

import { INCONSISTENT, WITHOUT_ACTA } from '../../counting/tally';
import type { FieldState, Observation } from '../../tree/wire';
import { utf8, type Bytes } from '../log/bytes';
import { Refusal } from '../refusal';
import { positionIn, type Ids } from './ids';

/** Rows one after the other: leaf, acta, version, identifies, flags, and the votes by column. */
export interface Rows {
  columns: number;
  count: number;
  data: Int32Array<ArrayBuffer>;
}

export const LEAF = 0;
/** Position in the catalogue, {@link OUTSIDE} out of it. */
export const ACTA = 1;
export const VERSION = 2;
/** Leaf of the acta out of catalogue that it turned out to be, or -1. */
export const IDENTIFIES = 3;
export const FLAGS = 4;
export const VOTES = 5;
export const OUTSIDE = -1;
export const HAS_COUNT = 1;
export const IS_WITHOUT = 2;
export const IS_INCONSISTENT = 4;

const MOST_COUNT = 99_999_999;
const [QUOTE, COMMA, OPEN, CLOSE, ZERO, NINE, N] = [0x22, 0x2c, 0x5b, 0x5d, 0x30, 0x39, 0x6e];
const BACKSLASH = 0x5c;
const ACTA_BEGINS = utf8('["acta",2,');
const CUT_BEGINS = utf8('["cut",2,');
const IMAGES_BEGIN = utf8('["images",2,');
const NULL = utf8('null');
const STATES: readonly FieldState[] = [
  'no_en_boleta',
  'ilegible',
  'sin_dato',
  'sin_acta',
  'no_aplica',
  'no_capturado',
];
const STATES_WRITTEN = STATES.map((state) => utf8(`"${state}"`));
const WITHOUT = writtenOf(WITHOUT_ACTA);
const WRONG = writtenOf(INCONSISTENT);

function writtenOf(observations: ReadonlySet<Observation>): Bytes[] {
  return [...observations].map((observation) => utf8(`"${observation}"`));
}

/** Takes the leaves of the log in turn, and keeps what is counted of one contest's. */
export class RowWriter {
  #data: Int32Array<ArrayBuffer>;
  #count = 0;
  readonly #begins: Bytes;
  readonly #width: number;
  /** Numbers of the cuts that came by. */
  readonly cuts: number[] = [];
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;
  #end = 0;
  #leaf = 0;

  constructor(
    contest: string,
    private readonly columns: number,
    private readonly ids: Ids,
    expected: number,
  ) {
    this.#begins = utf8(`["acta",2,${JSON.stringify(contest)},`);
    this.#width = VOTES + columns;
    this.#data = new Int32Array(Math.max(64, expected) * this.#width);
  }

  get rows(): Rows {
    const data = this.#data.slice(0, this.#count * this.#width);
    return { columns: this.columns, count: this.#count, data };
  }

  /** Leaf `leaf` of the log, which is not the first, in `bytes` from `start` to `end`. Throws a `Refusal`. */
  take(leaf: number, bytes: Uint8Array, start: number, end: number): void {
    [this.#leaf, this.#bytes, this.#at, this.#end] = [leaf, bytes, start, end];
    if (bytes[end - 1] !== CLOSE) this.#refuse();
    if (this.#begin(this.#begins)) return this.#acta();
    if (this.#begin(ACTA_BEGINS) || this.#begin(IMAGES_BEGIN)) return;
    if (!this.#begin(CUT_BEGINS)) this.#refuse();
    this.cuts.push(this.#number(Number.MAX_SAFE_INTEGER));
  }

  #acta(): void {
    if ((this.#count + 1) * this.#width > this.#data.length) this.#grow();
    const row = this.#count * this.#width;
    const data = this.#data;
    data[row + LEAF] = this.#leaf;
    data[row + ACTA] = this.#id();
    data[row + VERSION] = this.#number(MOST_COUNT);
    this.#skipText();
    if (!this.#begin(NULL)) this.#skipText();
    else this.#comma();
    data[row + IDENTIFIES] = this.#orNull();
    let flags = this.#votes(row + VOTES);
    for (let field = 0; field < 5; field += 1) this.#field();
    flags |= this.#observations();
    data[row + FLAGS] = flags;
    this.#count += 1;
  }

  #grow(): void {
    const grown = new Int32Array(2 * this.#data.length);
    grown.set(this.#data);
    this.#data = grown;
  }

  #refuse(): never {
    throw new Refusal('format', `leaf ${this.#leaf}`);
  }

  /** Goes on behind `written` if it is what comes. */
  #begin(written: Uint8Array): boolean {
    const at = this.#at;
    for (let index = 0; index < written.length; index += 1) {
      if (this.#bytes[at + index] !== written[index]) return false;
    }
    this.#at = at + written.length;
    return true;
  }

  #comma(): void {
    if (this.#bytes[this.#at] !== COMMA) this.#refuse();
    this.#at += 1;
  }

  #id(): number {
    if (this.#begin(NULL)) {
      this.#comma();
      return OUTSIDE;
    }
    const start = this.#at + 1;
    this.#skipText();
    const position = positionIn(this.ids, this.#bytes, start, this.#at - 2);
    if (position < 0) this.#refuse();
    return position;
  }

  /** A text and the comma behind it. */
  #skipText(): void {
    const bytes = this.#bytes;
    if (bytes[this.#at] !== QUOTE) this.#refuse();
    let at = this.#at + 1;
    while (bytes[at] !== QUOTE) {
      at += bytes[at] === BACKSLASH ? 2 : 1;
      if (at >= this.#end) this.#refuse();
    }
    this.#at = at + 1;
    this.#comma();
  }

  /** A number and the comma behind it. */
  #number(most: number): number {
    const found = this.#digits(most);
    this.#comma();
    return found;
  }

  #digits(most: number): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let found = 0;
    for (let digit = bytes[at]!; digit >= ZERO && digit <= NINE; digit = bytes[(at += 1)]!) {
      found = 10 * found + digit - ZERO;
    }
    if (at === this.#at || found > most) this.#refuse();
    this.#at = at;
    return found;
  }

  #orNull(): number {
    if (this.#bytes[this.#at] !== N) return this.#number(this.#leaf - 1);
    if (!this.#begin(NULL)) this.#refuse();
    this.#comma();
    return -1;
  }

  /** The list of votes and the comma behind it; whether any of them is a count. */
  #votes(into: number): number {
    if (this.#bytes[this.#at] !== OPEN) this.#refuse();
    let flags = 0;
    for (let column = 0; column < this.columns; column += 1) {
      this.#at += 1;
      if (this.#bytes[this.#at] === QUOTE) {
        this.#state();
        this.#data[into + column] = 0;
      } else {
        this.#data[into + column] = this.#digits(MOST_COUNT);
        flags = HAS_COUNT;
      }
      const wanted = column < this.columns - 1 ? COMMA : CLOSE;
      if (this.#bytes[this.#at] !== wanted) this.#refuse();
    }
    this.#at += 1;
    this.#comma();
    return flags;
  }

  #state(): void {
    for (const state of STATES_WRITTEN) if (this.#begin(state)) return;
    this.#refuse();
  }

  /** A figure beside the votes, and the comma behind it. */
  #field(): void {
    if (this.#bytes[this.#at] === QUOTE) this.#state();
    else this.#digits(MOST_COUNT);
    this.#comma();
  }

  #observations(): number {
    if (this.#bytes[this.#at] !== OPEN) this.#refuse();
    let flags = 0;
    this.#at += 1;
    if (this.#bytes[this.#at] === CLOSE) return flags;
    for (;;) {
      if (WITHOUT.some((written) => this.#begin(written))) flags |= IS_WITHOUT;
      else if (WRONG.some((written) => this.#begin(written))) flags |= IS_INCONSISTENT;
      else this.#skipWord();
      if (this.#bytes[this.#at] === CLOSE) return flags;
      this.#comma();
    }
  }

  #skipWord(): void {
    const end = this.#bytes.indexOf(QUOTE, this.#at + 1);
    if (this.#bytes[this.#at] !== QUOTE || end < 0 || end >= this.#end) this.#refuse();
    this.#at = end + 1;
  }
}
