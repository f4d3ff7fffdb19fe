/** Files that are what their name says: objects and manifests by digest, assets by this build's list. */

import { urlOf } from './kept';
import { bytesOf, PATIENT, taken } from './taken';

/** SHA-256 of every asset of this build by its path, put here when it is built (`vite.standing.config.ts`). */
declare const __ASSETS__: Readonly<Record<string, string>>;
const ASSETS = __ASSETS__;

const OBJECT = /^objects\/[0-9a-f]{2}\/([0-9a-f]{64})\.json$/;
/** What a browser takes only under its own type, by the end of its name. */
const TYPES: Record<string, RegExp> = {
  js: /javascript$/,
  css: /^text\/css$/,
  svg: /^image\/svg\+xml$/,
};

/** The digest that the file at `path` must have, if one is known. */
export function digestOf(path: string): string | undefined {
  return OBJECT.exec(path)?.[1] ?? (Object.hasOwn(ASSETS, path) ? ASSETS[path] : undefined);
}

export function objectPath(sha256: string): string {
  return `objects/${sha256.slice(0, 2)}/${sha256}.json`;
}

/** What has the same name in a rehearsal, and never changes in one election: packs and the log's files. */
const NUMBERED = /^(packs\/\d{1,9}\.pack|tile\/[\w./]{1,60})$/;

/** What has the same name in a rehearsal, and may be written anew: the server is asked first. */
const WRITTEN = /^cuts\/\d{1,9}\.(where|note)$/;

export function isNumbered(path: string): boolean {
  return NUMBERED.test(path);
}

export function isWritten(path: string): boolean {
  return WRITTEN.test(path);
}

/** Under which some bytes of a file are kept, by the header that asks for them. */
export function partName(path: string, range: string | null): string {
  return range === null ? path : `${path}?${range}`;
}

/** Whether an answer is all of a file, or the part of it that was asked for. */
export function isAnswerTo(answer: Response, range: string | null): boolean {
  if (range === null) return answer.status === 200 && !isPage(answer);
  const asked = range.slice('bytes='.length).split('-', 1)[0];
  const came = answer.headers.get('Content-Range') ?? '';
  return answer.status === 206 && came.startsWith(`bytes ${asked}-`);
}

/** A Wi-Fi's door answers everything with a page of its own. */
function isPage(answer: Response): boolean {
  return (answer.headers.get('Content-Type') ?? '').startsWith('text/html');
}

/** `answer` as it may be kept, if it is the file at `path` with this digest; without headers that are its server's. */
export async function rightOne(
  answer: Response,
  path: string,
  sha256: string,
): Promise<Response | null> {
  const type = answer.headers.get('Content-Type') ?? '';
  const wanted = TYPES[path.slice(path.lastIndexOf('.') + 1)];
  if (answer.status !== 200 || wanted?.test(type.split(';', 1)[0]!.trim()) === false) return null;
  const bytes = await bytesOf(answer, PATIENT);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const right =
    Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === sha256;
  return right ? new Response(bytes, { headers: { 'Content-Type': type } }) : null;
}

/**
 * The file at `path` with this digest. Another answer may be what some cache on the way kept of a bad
 * moment, or of a rehearsal here: it is asked for once more, past every one. Otherwise that answer.
 */
export async function fetchNamed(
  path: string,
  sha256: string,
): Promise<{ right: Response | null; answer: Response }> {
  const answer = await taken(urlOf(path), {}, PATIENT);
  const right = await rightOne(answer.clone(), path, sha256);
  if (right || answer.status !== 200) return { right, answer };
  const again = await taken(urlOf(`${path}?${sha256.slice(0, 16)}`), { cache: 'reload' }, PATIENT);
  return { right: await rightOne(again.clone(), path, sha256), answer: again };
}
