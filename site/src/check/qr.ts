/** A QR code as the outline of its dark squares (lean-qr, fetched with this module). */

import { correction, generate, mode } from 'lean-qr';

export interface QrOutline {
  size: number;
  /** Squares around the code that must stay blank. */
  quiet: number;
  /** An SVG path, one unit a square. */
  d: string;
}

const QUIET = 4;

/** The code of `data`, with as much correction as fits. */
export function qrOf(data: Uint8Array): QrOutline {
  const code = generate(mode.iso8859_1(latin(data)), { minCorrectionLevel: correction.L });
  let d = '';
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) {
      if (!code.get(x, y)) continue;
      const start = x;
      while (code.get(x + 1, y)) x += 1;
      d += `M${start} ${y}h${x + 1 - start}v1H${start}z`;
    }
  }
  return { size: code.size, quiet: QUIET, d };
}

/** Each byte as the character of that number, so that the code holds these very bytes. */
function latin(data: Uint8Array): string {
  return Array.from(data, (byte) => String.fromCharCode(byte)).join('');
}
