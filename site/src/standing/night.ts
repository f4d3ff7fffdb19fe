/** The last cut that was verified, for a reader without a network: its pointer, manifest, description. */

import { find, forget, keep, NIGHT, OBJECTS, pathsIn } from './kept';
import { digestOf, fetchNamed, objectPath, partName } from './named';

const POINTER = 'current.json';
/** When the network last confirmed a kept pointer (ms since 1970); the page reads it (`tree.ts`). */
const STALE = 'X-OpenPREP-Stale';
const CONFIRM_EVERY = 60_000;
const A_DAY = 24 * 60 * 60_000;

interface Ref {
  sha256: string;
}

/** As much of a pointer as tells which election's which cut it names. */
export interface Pointer {
  election: string;
  drill: boolean;
  cut: number;
  manifest: Ref;
}

export interface Kept {
  pointer: Pointer;
  text: string;
  confirmed: number;
}

interface Manifest {
  description: Ref;
  contests: { id: string }[];
}

interface Description {
  contests: { running?: Ref }[];
}

/** The pointer in `text`; `null` for anything else, as the page of a Wi-Fi's door. */
export function pointerIn(text: string): Pointer | null {
  try {
    const found = JSON.parse(text) as Partial<Pointer> | null;
    const named =
      typeof found?.election === 'string' &&
      typeof found.drill === 'boolean' &&
      Number.isSafeInteger(found.cut);
    return named && /^[0-9a-f]{64}$/.test(String(found.manifest?.sha256))
      ? (found as Pointer)
      : null;
  } catch {
    return null;
  }
}

export async function keptNight(): Promise<Kept | null> {
  const found = await find(NIGHT, POINTER);
  const text = (await found?.text()) ?? '';
  const pointer = pointerIn(text);
  return pointer && { pointer, text, confirmed: Number(found?.headers.get(STALE)) };
}

/** The pointer of a kept cut, marked as old. */
export function answerOf({ text, confirmed }: Kept): Response {
  return new Response(text, {
    headers: { 'Content-Type': 'application/json', [STALE]: String(confirmed) },
  });
}

/** Whether it is shown over what a server answers that has no cut: not a rehearsal's, nor another day's. */
export function stands({ pointer, confirmed }: Kept): boolean {
  return !pointer.drill && Date.now() - confirmed < A_DAY;
}

/** The network still names the cut that is kept. */
export async function confirm(night: Kept): Promise<void> {
  const now = Date.now();
  if (now - night.confirmed > CONFIRM_EVERY)
    await keep(NIGHT, POINTER, answerOf({ ...night, confirmed: now }));
}

function isSameElection(one: Pointer, other: Pointer): boolean {
  return one.election === other.election && one.drill === other.drill;
}

/** Of one election and drill no earlier cut takes the place of a later one. */
function mayFollow(pointer: Pointer, last: Kept | null): boolean {
  return !last || !isSameElection(pointer, last.pointer) || pointer.cut >= last.pointer.cut;
}

/** What another election, or its rehearsal, had under the same names. */
async function forgetNumbered(): Promise<void> {
  await forget(
    OBJECTS,
    (await pathsIn(OBJECTS)).filter((name) => !digestOf(name)),
  );
}

/**
 * Keeps the cut that `text` names, if its files are those that are named. The pointer is written last:
 * whatever fails before leaves the cut that was kept, whole.
 */
export async function keepNight(text: string, last: Kept | null): Promise<void> {
  const pointer = pointerIn(text);
  if (!pointer || !mayFollow(pointer, last)) return;
  const { right: manifest } = await fetchNamed(manifestPath(pointer), pointer.manifest.sha256);
  if (!manifest) return;
  const { description } = (await manifest.clone().json()) as Manifest;
  const path = objectPath(description.sha256);
  const described = (await find(NIGHT, path)) ?? (await fetchNamed(path, description.sha256)).right;
  const whole =
    described &&
    (await keep(NIGHT, manifestName(pointer), manifest)) &&
    (await keep(NIGHT, path, described)) &&
    (await keep(NIGHT, POINTER, answerOf({ pointer, text, confirmed: Date.now() })));
  if (!whole) return;
  forgetBeginnings();
  if (last && !isSameElection(pointer, last.pointer)) await forgetNumbered();
  const stays = [POINTER, manifestName(pointer), path];
  await forget(
    NIGHT,
    (await pathsIn(NIGHT)).filter((name) => !stays.includes(name)),
  );
}

function manifestPath({ cut }: Pointer): string {
  return `cuts/${cut}.json`;
}

/** Under its digest: another election's cut has the same number. */
function manifestName(pointer: Pointer): string {
  return `${manifestPath(pointer)}?${pointer.manifest.sha256}`;
}

async function manifestOf(night: Kept | null): Promise<Manifest | undefined> {
  return night ? (await find(NIGHT, manifestName(night.pointer)))?.json() : undefined;
}

/** The manifest at `path`, if it is that of the kept cut. */
export async function keptManifest(path: string): Promise<Response | undefined> {
  const night = await keptNight();
  return night && path === manifestPath(night.pointer)
    ? find(NIGHT, manifestName(night.pointer))
    : undefined;
}

interface Where {
  roots: Record<string, At>;
}

type At = [pack: number, offset: number, size: number];

async function whereOf({ pointer }: Kept): Promise<Where['roots']> {
  return (
    ((await (await find(OBJECTS, wherePath(pointer)))?.json()) as Where | undefined)?.roots ?? {}
  );
}

function wherePath({ cut }: Pointer): string {
  return `cuts/${cut}.where`;
}

/** Under which an object in a pack is kept. */
function packedName([pack, offset, size]: At): string {
  return partName(`packs/${pack}.pack`, `bytes=${offset}-${offset + size - 1}`);
}

/** Names of what draws a contest's root, and whether all of it is at hand. */
async function rootOf(at: At): Promise<{ names: string[]; isKept: boolean }> {
  const names = [packedName(at)];
  const [line] = ((await (await find(OBJECTS, names[0]!))?.text()) ?? '').split('\n', 1);
  // Its catalogue is the first of its parts.
  const [catalogue] = line ? (JSON.parse(line) as At[]) : [];
  if (catalogue) names.push(packedName(catalogue));
  return { names, isKept: !!catalogue && !!(await find(OBJECTS, packedName(catalogue))) };
}

/** Whether the root of a contest of the kept cut is at hand. */
export async function isContestKept(id: string): Promise<boolean> {
  try {
    const night = await keptNight();
    const at = night && (await whereOf(night))[id];
    return at ? (await rootOf(at)).isKept : false;
  } catch {
    return false;
  }
}

let beginnings: Promise<ReadonlySet<string>> | null = null;

/** They are looked up anew: what the cut begins with is another, or came. */
export function forgetBeginnings(): void {
  beginnings = null;
}

/** Names of what the kept cut begins with: what the election is, each contest's root, who runs in it. */
export function nightsBeginnings(): Promise<ReadonlySet<string>> {
  beginnings ??= readBeginnings().catch(() => new Set<string>());
  return beginnings;
}

async function readBeginnings(): Promise<ReadonlySet<string>> {
  const night = await keptNight();
  const manifest = await manifestOf(night);
  if (!night || !manifest) return new Set();
  const description = (await (
    await find(NIGHT, objectPath(manifest.description.sha256))
  )?.json()) as Description | undefined;
  const declared = [
    manifest.description,
    ...(description?.contests ?? []).map(({ running }) => running),
  ];
  const roots = await Promise.all(Object.values(await whereOf(night)).map(rootOf));
  return new Set([
    ...declared.flatMap((ref) => (ref ? [objectPath(ref.sha256)] : [])),
    wherePath(night.pointer),
    ...roots.flatMap(({ names }) => names),
  ]);
}
