/**
 * Works offline with the last cut. What cannot change is kept; the pointer is never answered from
 * here as if it were fresh: an old one carries a header that the page reads (`tree.ts`).
 * Nothing is believed because it was kept: the page compares digests on every read.
 */

export {};

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

const KEPT = 'openprep-1';
const STALE = 'X-OpenPREP-Stale';
/** Files kept; the oldest go first. */
const MOST = 400;
const IMMUTABLE = /^(assets|objects|cuts)\/[^?]+\.(js|css|json|svg|webmanifest)$/;

here.addEventListener('install', (event) => event.waitUntil(here.skipWaiting()));
here.addEventListener('activate', (event) => event.waitUntil(here.clients.claim()));
here.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(here.registration.scope)) return;
  const path = request.url.slice(here.registration.scope.length).replace(/[#?].*/, '');
  if (path === 'current.json') event.respondWith(pointer(request));
  else if (request.mode === 'navigate' && path === '') event.respondWith(networkFirst(request));
  else if (isKept(path, request)) event.respondWith(keptFirst(request));
});

/** What is read by range, or once, is not kept. */
function isKept(path: string, { headers, cache }: Request): boolean {
  return IMMUTABLE.test(path) && !headers.has('Range') && cache !== 'no-store';
}

async function keep(request: Request, response: Response): Promise<Response> {
  if (response.status !== 200) return response;
  const kept = await caches.open(KEPT);
  await kept.put(request.url, response.clone());
  const names = await kept.keys();
  await Promise.all(names.slice(0, Math.max(0, names.length - MOST)).map((name) => kept.delete(name)));
  return response;
}

async function keptFirst(request: Request): Promise<Response> {
  return (await (await caches.open(KEPT)).match(request.url)) ?? keep(request, await fetch(request));
}

async function networkFirst(request: Request): Promise<Response> {
  try {
    return await keep(request, await answered(request));
  } catch (error) {
    const old = await (await caches.open(KEPT)).match(request.url);
    if (old) return old;
    throw error;
  }
}

/** What the server says; that it cannot say anything now is no answer. */
async function answered(request: Request): Promise<Response> {
  const answer = await fetch(request);
  if (answer.status >= 500) throw new TypeError(String(answer.status));
  return answer;
}

/** The server's answer; without one, the last pointer, marked as old. */
async function pointer(request: Request): Promise<Response> {
  try {
    return await keep(request, await answered(request));
  } catch (error) {
    const old = await (await caches.open(KEPT)).match(request.url);
    if (!old) throw error;
    const headers = new Headers(old.headers);
    headers.set(STALE, '1');
    return new Response(await old.arrayBuffer(), { status: 200, headers });
  }
}
