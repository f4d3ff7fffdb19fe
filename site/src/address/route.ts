/**
 * Addresses: `#/GUB`, `#/GUB/001`, `#/GUB/001/0423`, `#/GUB/001/0423/<acta>`, each to be shared.
 * `#/comprobar` checks a cut; with a contest or an acta's address behind it, that one.
 */

import { isGroup } from '../figures/groups';
import { reading } from '../shown/reading.svelte';
import type { ActaGroup } from '../tree/wire';

export type By = 'candidacy' | 'party';

export type Route =
  | { view: 'landing' }
  | { view: 'results'; contest: string; path: string[]; by: By }
  | { view: 'outOfCatalogue'; contest: string }
  /** One group of the actas of an area. */
  | { view: 'group'; contest: string; path: string[]; group: ActaGroup }
  | { view: 'check'; contest: string; path: string[] }
  | BesideRoute
  /** Any of these as it stood in an earlier cut. */
  | { view: 'past'; cut: number; of: Route }
  | { view: 'unknown' };

/** Views beside the results. */
export type BesideRoute =
  | { view: 'databases' | 'mine' | 'help' }
  /** Of a contest; the first, where none is named. */
  | { view: 'history' | 'screen'; contest: string };

const OUT_OF_CATALOGUE = 'fuera-de-catalogo';
const CHECK = 'comprobar';
const BESIDE: Record<string, 'databases' | 'mine' | 'help'> = {
  'bases-de-datos': 'databases',
  'mi-casilla': 'mine',
  ayuda: 'help',
};
const OF_CONTEST: Record<string, 'history' | 'screen'> = {
  historia: 'history',
  pantalla: 'screen',
};
const PAST = 'corte';
const PAST_VIEWS: ReadonlySet<Route['view']> = new Set([
  'landing',
  'results',
  'group',
  'outOfCatalogue',
  'check',
]);
const BY = 'por';
const PARTY = 'partido';
const OF_GROUP = 'actas';

/**
 * The route of a location's hash; `null` for an anchor within the page, which is no route.
 * What `seeing` reads behind `?` is no part of it.
 */
export function parseRoute(hash: string): Route | null {
  if (hash === '' || hash === '#') return { view: 'landing' };
  if (!hash.startsWith('#/')) return null;
  const [address = '', query = ''] = hash.slice(2).split('?', 2);
  const segments = decode(address.replace(/\/$/, ''));
  if (!segments) return { view: 'unknown' };
  const [contest = '', ...path] = segments;
  if (contest === PAST) return pastRoute(path, query);
  if (Object.hasOwn(OF_CONTEST, contest) && path.length < 2) {
    return { view: OF_CONTEST[contest]!, contest: path[0] ?? '' };
  }
  if (Object.hasOwn(BESIDE, contest) && path.length === 0) return { view: BESIDE[contest]! };
  if (contest === '') return segments.length === 1 ? { view: 'landing' } : { view: 'unknown' };
  if (contest === CHECK) return { view: 'check', contest: path[0] ?? '', path: path.slice(1) };
  if (path.length === 1 && path[0] === OUT_OF_CATALOGUE) return { view: 'outOfCatalogue', contest };
  const said = new URLSearchParams(query);
  const group = said.get(OF_GROUP);
  if (group !== null) return groupRoute(contest, path, group);
  return { view: 'results', contest, path, by: said.get(BY) === PARTY ? 'party' : 'candidacy' };
}

function groupRoute(contest: string, path: string[], group: string): Route {
  return isGroup(group) ? { view: 'group', contest, path, group } : { view: 'unknown' };
}

function pastRoute([cut = '', ...rest]: string[], query: string): Route {
  if (!/^\d{1,9}$/.test(cut)) return { view: 'unknown' };
  const address = rest.map(segment).join('/');
  const of = parseRoute(`#/${address}${query ? `?${query}` : ''}`) ?? { view: 'unknown' };
  return PAST_VIEWS.has(of.view) ? { view: 'past', cut: Number(cut), of } : { view: 'unknown' };
}

/** Address of what `address` shows, as it stood in an earlier cut. */
export function pastAddress(cut: number, address = '#/'): string {
  return `#/${PAST}/${cut}/${address.slice(2)}`;
}

/** Address of a view beside the results, and of the contest that it is about. */
export function besideAddress(view: BesideRoute['view'], contest = ''): string {
  const [name] = Object.entries({ ...BESIDE, ...OF_CONTEST }).find(([, named]) => named === view)!;
  return contest ? `#/${name}/${segment(contest)}` : `#/${name}`;
}

function decode(address: string): string[] | null {
  try {
    return address.split('/').map(decodeURIComponent);
  } catch {
    return null;
  }
}

/** Address of an area (`path` as published, `''` for the root), a section, or an acta of it. */
export function addressOf(contest: string, path = '', acta = '', by: By = 'candidacy'): string {
  const segments = [contest, ...(path ? path.split('/') : []), ...(acta ? [acta] : [])];
  const address = within(`#/${segments.map(segment).join('/')}`);
  return by === 'party' ? `${address}?${BY}=${PARTY}` : address;
}

/** Address of one group of the actas of an area. */
export function groupAddress(contest: string, path: string, group: ActaGroup): string {
  return `${addressOf(contest, path)}?${OF_GROUP}=${group}`;
}

/** In a cut of the past every link of the results stays in it. */
function within(address: string): string {
  return reading.cut === null ? address : pastAddress(reading.cut, address);
}

/** Ids of mesas hold `@`, which an address may carry as it is. */
function segment(text: string): string {
  return encodeURIComponent(text).replaceAll('%40', '@');
}

export function outOfCatalogueAddress(contest: string): string {
  return within(`#/${segment(contest)}/${OUT_OF_CATALOGUE}`);
}

/** Where a cut is checked; with a contest, and an acta of one of its sections, those. */
export function checkAddress(contest = '', path = '', acta = ''): string {
  return addressOf(CHECK, [contest, path].filter(Boolean).join('/'), acta);
}

export function sameRoute(a: Route, b: Route): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
