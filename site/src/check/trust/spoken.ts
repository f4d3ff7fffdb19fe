/** The number by which a trust root is read aloud: eight groups of five digits (docs/formats/trust.md). */

import { hex } from '../log/bytes';

const DIGITS = 40;

/** SHA-256 modulo 10^40, in groups. */
export function spokenForm(digest: Uint8Array): string {
  const number = BigInt(`0x${hex(digest)}`) % 10n ** BigInt(DIGITS);
  return number.toString().padStart(DIGITS, '0').match(/.{5}/g)!.join(' ');
}

/** Whether a number that somebody typed or pasted is `spoken`; `null` where it has not 40 digits. */
export function sameSpoken(typed: string, spoken: string): boolean | null {
  const digits = typed.replace(/[\s.·–—-]/g, '');
  return /^\d{40}$/.test(digits) ? digits === spoken.replaceAll(' ', '') : null;
}
