/** An image of a contest for sharing: drawn from the figures on screen, never from a server. */

import { count, share } from '../figures/format';
import type { Summary, Votes } from '../tree/wire';

export interface CardWords {
  election: string;
  contest: string;
  place: string;
  captured: string;
  counted: string;
  notice: string;
  cut: string;
  drill: string | null;
}

export const CARD_SIZE = { width: 1200, height: 675 } as const;
const MOST = 5;

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function text(x: number, y: number, size: number, words: string, more = ''): string {
  return `<text x="${x}" y="${y}" font-size="${size}" ${more}>${escape(words)}</text>`;
}

/** Words cut to what fits in a line. */
function fit(words: string, most: number): string {
  return words.length > most ? `${words.slice(0, most - 1)}…` : words;
}

/** The card as SVG; `colourOf` gives a party's colour. */
export function cardOf(
  words: CardWords,
  summary: Summary,
  votes: Votes,
  colourOf: (party: string) => string,
): string {
  const leading = votes.candidacies.toSorted((a, b) => b.votes - a.votes).slice(0, MOST);
  const rows = leading.map(({ name, parties, votes: own, share: part }, index) => {
    const y = 238 + index * 72;
    const tall = 14 / parties.length;
    const width = Math.floor((part * 1080) / 1_000_000);
    const bars = parties
      .map(
        (id, at) =>
          `<rect x="60" y="${y + 12 + at * tall}" width="${width}" height="${tall}" fill="${escape(colourOf(id))}"/>`,
      )
      .join('');
    const who = fit(name ?? parties.join(' ').replaceAll('_', ' '), 44);
    return (
      text(60, y, 27, who, 'font-weight="600"') +
      text(1140, y, 27, `${share(part)}  ·  ${count(own)}`, 'text-anchor="end" font-weight="600"') +
      `<rect x="60" y="${y + 12}" width="1080" height="14" fill="#e9e6df"/>${bars}` +
      `<rect x="60" y="${y + 12}" width="${width}" height="14" fill="none" stroke="#545c63"/>`
    );
  });
  const { width, height } = CARD_SIZE;
  const drill =
    words.drill === null
      ? ''
      : `<rect width="${width}" height="40" fill="#ffd54a"/>${text(600, 28, 22, words.drill, 'text-anchor="middle" font-weight="700"')}`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Georgia, 'Liberation Serif', serif" fill="#1b2126">` +
    `<rect width="${width}" height="${height}" fill="#fcfbf8"/>${drill}` +
    text(60, 84, 24, fit(words.election, 80), 'fill="#545c63"') +
    text(
      60,
      136,
      44,
      fit(`${words.contest}${words.place ? ` · ${words.place}` : ''}`, 46),
      'font-weight="700"',
    ) +
    text(
      60,
      182,
      24,
      `${words.captured} ${share(summary.captured_share)}   ·   ${words.counted} ${share(summary.counted_share)}`,
      'fill="#545c63"',
    ) +
    rows.join('') +
    text(60, 618, 24, words.notice, 'font-weight="700"') +
    text(60, 650, 22, words.cut, 'fill="#545c63"') +
    '</svg>'
  );
}

/** The card as a PNG. Rejects where the browser cannot draw it. */
export async function pngOf(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  Object.assign(canvas, CARD_SIZE);
  canvas.getContext('2d')!.drawImage(image, 0, 0);
  return new Promise((done, fail) =>
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error('no image'))), 'image/png'),
  );
}

/** Hands a file to the reader. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
