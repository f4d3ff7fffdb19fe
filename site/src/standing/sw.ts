/**
 * Works offline with the last cut that was verified. What the network gives is given whatever the caches
 * do; only what is what its name says is kept (`named.ts`, `kept.ts`). The pointer is never answered from
 * here as if it were fresh: an old one says so (`night.ts`). Nothing is believed because it was kept: the
 * page compares digests on every read, and asks past every cache for what does not match.
 */

import {
  find,
  forget,
  forgetOtherBuilds,
  keep,
  keepObject,
  OBJECTS,
  NIGHT,
  SHELL,
  urlOf,
} from './kept';
import {
  digestOf,
  fetchNamed,
  isAnswerTo,
  isNumbered,
  isWritten,
  partName,
  rightOne,
} from './named';
import {
  answerOf,
  confirm,
  forgetBeginnings,
  isContestKept,
  keepNight,
  keptManifest,
  keptNight,
  nightsBeginnings,
  pointerIn,
  stands,
} from './night';
import { bytesOf, PATIENT, taken, type Bounds } from './taken';

/** What the views that need no object are drawn with: they open without a network though never opened before. */
declare const __SHELL__: readonly string[];

interface Happening {
  waitUntil(work: Promise<unknown>): void;
}

interface Asked extends Happening {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

const here = self as unknown as {
  registration: { scope: string };
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  addEventListener(name: 'install' | 'activate', take: (event: Happening) => void): void;
  addEventListener(name: 'fetch', take: (event: Asked) => void): void;
};

const POINTER = 'current.json';
const MANIFEST = /^cuts\/\d{1,9}\.json$/;
const PAGE = /^([\w-]{1,60}\.html)?$/;
const ASSETS_NAMED = /\bassets\/[\w.-]+/g;
/** Where something is kept, a network that is silent, drips or never ends is waited for this long. */
const PATIENCE = 10_000;
/** A pointer is under 1 kB. */
const POINTER_WHOLE: Bounds = { most: 64 * 1024, silence: PATIENCE, all: PATIENCE };
const PAGE_WHOLE: Bounds = { most: 4 * 1024 * 1024, silence: PATIENCE, all: 3 * PATIENCE };

here.addEventListener('install', (event) =>
  event.waitUntil(Promise.allSettled([here.skipWaiting(), keepFirst()])),
);
here.addEventListener('activate', (event) =>
  event.waitUntil(Promise.allSettled([here.clients.claim(), forgetOtherBuilds()])),
);
here.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(here.registration.scope)) return;
  const answer = answerTo(
    event,
    request,
    request.url.slice(here.registration.scope.length).replace(/[#?].*/, ''),
  );
  if (answer) event.respondWith(answer);
});

/** `null` for what the browser asks for by itself: parts of files, what is read once, what is not kept. */
function answerTo(event: Asked, request: Request, path: string): Promise<Response> | null {
  if (path === POINTER) return pointer(event, request);
  if (request.mode === 'navigate') return PAGE.test(path) ? page(event, request, path) : null;
  if (request.cache === 'no-store') return null;
  // Who checks compares with the server what it has under a number.
  if (isWritten(path) || (isNumbered(path) && request.cache === 'no-cache'))
    return written(event, request, path);
  if (isNumbered(path)) return numbered(event, request, path);
  if (request.headers.has('Range')) return null;
  if (MANIFEST.test(path)) return manifest(request, path);
  const sha256 = digestOf(path);
  if (!sha256) return null;
  return path.startsWith('assets/')
    ? asset(event, request, path, sha256)
    : object(event, request, path, sha256);
}

/** The server's pointer; without one the last verified, marked as old. A page in its place is none. */
async function pointer(event: Asked, request: Request): Promise<Response> {
  const last = await keptNight();
  try {
    const answer = await taken(request, {}, POINTER_WHOLE);
    const text = answer.status === 200 ? await answer.clone().text() : '';
    if (last && (answer.status === 304 || text === last.text)) event.waitUntil(confirm(last));
    else if (pointerIn(text)) event.waitUntil(keepNight(text, last).catch(() => {}));
    else if (last && stands(last)) return answerOf(last);
    return answer;
  } catch (error) {
    if (last) return answerOf(last);
    throw error;
  }
}

/** That of the kept cut, until the page finds it to be of another election than it asked for. */
async function manifest(request: Request, path: string): Promise<Response> {
  return (request.cache === 'reload' ? undefined : await keptManifest(path)) ?? fetch(request);
}

/** What the server has under a number; without its answer, or with a page in its place, what was last seen. */
async function written(event: Asked, request: Request, path: string): Promise<Response> {
  const range = request.headers.get('Range');
  const name = partName(path, range);
  if (request.cache === 'reload') await forgetWrong(name);
  const found = await find(OBJECTS, name);
  try {
    const answer = await (found && range === null
      ? taken(request, {}, POINTER_WHOLE)
      : fetch(request));
    if (isAnswerTo(answer, range)) event.waitUntil(keepPart(answer.clone(), name));
    else if (found) return asAsked(found, range);
    return answer;
  } catch (error) {
    if (found) return asAsked(found, range);
    throw error;
  }
}

/** Part of a pack or of the log: what is kept of it, until the page finds that it is of another election. */
async function numbered(event: Asked, request: Request, path: string): Promise<Response> {
  const range = request.headers.get('Range');
  const name = partName(path, range);
  if (request.cache === 'reload') await forgetWrong(name);
  const found = await find(OBJECTS, name);
  const answer = found ?? (await fetch(request));
  if (!found && !isAnswerTo(answer, range)) return answer;
  event.waitUntil(keepPart(answer.clone(), name));
  return found ? asAsked(found, range) : answer;
}

/** What the page found to be other bytes than were named. */
async function forgetWrong(name: string): Promise<void> {
  await Promise.all([forget(OBJECTS, [name]), forget(NIGHT, [name])]);
}

/** No cache takes an answer that is a part, so it is kept as a whole one. */
function asAsked({ body, headers }: Response, range: string | null): Response {
  return new Response(body, { status: range === null ? 200 : 206, headers });
}

/** What was just used is the last to go. */
async function keepPart(answer: Response, name: string): Promise<void> {
  try {
    const bytes = await bytesOf(answer, PATIENT);
    const stays = await nightsBeginnings();
    await keepObject(name, new Response(bytes), stays);
    // What it leads to is known now.
    if (stays.has(name)) forgetBeginnings();
  } catch {
    // Nothing of it is kept.
  }
}

async function object(
  event: Asked,
  request: Request,
  path: string,
  sha256: string,
): Promise<Response> {
  if (request.cache === 'reload') await forgetWrong(path);
  const found = (await find(OBJECTS, path)) ?? (await find(NIGHT, path));
  const answer = found ?? (await fetch(request));
  event.waitUntil(keepIfRight(answer.clone(), path, sha256).catch(() => {}));
  return answer;
}

/** What was just used is the last to go. */
async function keepIfRight(answer: Response, path: string, sha256: string): Promise<void> {
  const right = await rightOne(answer, path, sha256);
  if (right) await keepObject(path, right, await nightsBeginnings());
}

/** A script or style of this build. Another answer in its place is given, and kept by nobody. */
async function asset(
  event: Asked,
  request: Request,
  path: string,
  sha256: string,
): Promise<Response> {
  const found = request.cache === 'reload' ? undefined : await find(SHELL, path);
  if (found) return found;
  const { right, answer } = await fetchNamed(path, sha256);
  if (right) event.waitUntil(keep(SHELL, path, right.clone()));
  if (right || answer.status !== 200) return right ?? answer;
  return new Response(answer.body, {
    headers: {
      'Content-Type': answer.headers.get('Content-Type') ?? '',
      'Cache-Control': 'no-store',
    },
  });
}

/** A page as the server has it now; without an answer, as it was last seen, or the landing in its place. */
async function page(event: Asked, request: Request, path: string): Promise<Response> {
  const [last, landing, night] = await Promise.all([
    find(SHELL, path),
    find(SHELL, ''),
    keptNight(),
  ]);
  try {
    const init: RequestInit = { cache: 'no-cache' };
    // Where nothing is kept the browser shows what there is of it, as it comes.
    const answer = await ((last ?? landing)
      ? taken(request, init, PAGE_WHOLE)
      : fetch(request, init));
    const refused = answer.status >= 500 || (answer.status >= 400 && last);
    if (refused && night && stands(night)) throw new TypeError(String(answer.status));
    event.waitUntil(keepPage(answer.clone(), path).catch(() => {}));
    return answer;
  } catch (error) {
    if (last) return last;
    if (landing) return Response.redirect(urlOf(await insteadOf(path)));
    throw error;
  }
}

/** Where a page that is not kept leads to. */
async function insteadOf(path: string): Promise<string> {
  const contest = path.replace(/\.html$/, '');
  return (await isContestKept(contest)) ? `#/${contest}` : '';
}

/** Keeps a whole page of ours: one that is drawn by this build's scripts and no others. */
async function keepPage(answer: Response, path: string): Promise<void> {
  if (answer.status !== 200) return;
  const text = new TextDecoder().decode(await bytesOf(answer, PATIENT));
  const assets = text.match(ASSETS_NAMED) ?? [];
  const ours =
    assets.length > 0 &&
    assets.every((name) => digestOf(name)) &&
    text.trimEnd().endsWith('</html>');
  if (!ours) return;
  await keep(
    SHELL,
    path,
    new Response(text, { headers: { 'Content-Type': 'text/html; charset=utf-8' } }),
  );
  await keepShell();
}

/** What a reader who loses the network after one visit needs: the landing, the small views, the cut. */
async function keepFirst(): Promise<void> {
  await Promise.allSettled([
    keepPage(await taken(urlOf(''), { redirect: 'error' }, PATIENT), ''),
    keepNewest(),
  ]);
}

async function keepShell(): Promise<void> {
  for (const path of __SHELL__) {
    if (await find(SHELL, path)) continue;
    const { right } = await fetchNamed(path, digestOf(path)!);
    if (right) await keep(SHELL, path, right);
  }
}

async function keepNewest(): Promise<void> {
  const answer = await taken(urlOf(POINTER), { cache: 'no-store' }, POINTER_WHOLE);
  if (answer.status === 200) await keepNight(await answer.text(), await keptNight());
}
