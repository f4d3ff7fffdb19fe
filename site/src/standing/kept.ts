/**
 * The worker's caches. No trouble of theirs is a reader's: where one cannot be read it is empty, where
 * it cannot be written nothing is kept. Each belongs to the folder that it is served from.
 *
 * `SHELL` has the pages and scripts of this build, `NIGHT` the last cut that was verified (`night.ts`):
 * nothing pushes them out. `OBJECTS` has the rest; who was not asked for the longest goes first.
 */

/** A name for this build, put here when it is built (`vite.standing.config.ts`). */
declare const __BUILD__: string;

const SCOPE = (self as unknown as { registration: { scope: string } }).registration.scope;
const OURS = `openprep ${SCOPE} `;
export const SHELL = `${OURS}shell ${__BUILD__}`;
export const NIGHT = `${OURS}night`;
export const OBJECTS = `${OURS}objects`;
/** Of workers that kept whatever came. */
const OUTGROWN = 'openprep-1';
/** Under 100 kB each, most under 10: an acta comes with what proves it. */
const MOST_OBJECTS = 400;

export function urlOf(path: string): string {
  return SCOPE + path;
}

export async function find(cache: string, path: string): Promise<Response | undefined> {
  try {
    return await (await caches.open(cache)).match(urlOf(path));
  } catch {
    return undefined;
  }
}

/** Says whether it is kept. Where there is no room, objects make room for what is not one. */
export async function keep(cache: string, path: string, answer: Response): Promise<boolean> {
  const again = answer.clone();
  if (await put(cache, path, answer)) return true;
  if (cache === OBJECTS) return false;
  await caches.delete(OBJECTS).catch(() => false);
  return put(cache, path, again);
}

async function put(cache: string, path: string, answer: Response): Promise<boolean> {
  try {
    await (await caches.open(cache)).put(urlOf(path), answer);
    return true;
  } catch {
    return false;
  }
}

/** Keeps an object as the last to go; without room the older half goes. `stays` never does. */
export async function keepObject(
  path: string,
  answer: Response,
  stays: ReadonlySet<string>,
): Promise<void> {
  const most = (await keep(OBJECTS, path, answer)) ? MOST_OBJECTS : MOST_OBJECTS / 2;
  const names = (await pathsIn(OBJECTS)).filter((name) => !stays.has(name));
  await forget(OBJECTS, names.slice(0, Math.max(0, names.length - most)));
}

/** Paths of what is kept, the oldest first. */
export async function pathsIn(cache: string): Promise<string[]> {
  try {
    return (await (await caches.open(cache)).keys()).map(({ url }) => url.slice(SCOPE.length));
  } catch {
    return [];
  }
}

export async function forget(cache: string, paths: readonly string[]): Promise<void> {
  try {
    const opened = await caches.open(cache);
    await Promise.all(paths.map((path) => opened.delete(urlOf(path))));
  } catch {
    // What cannot be taken out cannot be read either, or goes with the next.
  }
}

/** Lets go of what other builds, and workers before these caches, kept for this folder. */
export async function forgetOtherBuilds(): Promise<void> {
  const other = (name: string) =>
    name === OUTGROWN || (name.startsWith(`${OURS}shell `) && name !== SHELL);
  const names = (await caches.keys()).filter(other);
  await Promise.all(names.map((name) => caches.delete(name)));
}
