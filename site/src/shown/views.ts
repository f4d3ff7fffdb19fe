/** The views other than the landing, fetched when one is first opened. */

import type { Component } from 'svelte';
import { loadAgain } from './loading';
import { walker, type Page } from '../address/resolve';
import type { Route } from '../address/route';
import type { Shown } from './session.svelte';
import { loadTexts, type Language } from '../texts';
import { TreeFault } from '../tree/tree';

type Views = Component<{ shown: Shown }>;

const beside = () => import('../views/BesideViews.svelte');
const check = () => import('../views/CheckView.svelte');
const results = () => import('../views/ResultViews.svelte');

/** Where each view is drawn; those that are not here, the page itself holds. */
const LOADERS: Partial<Record<Page['view'], () => Promise<{ default: Views }>>> = {
  area: results,
  group: results,
  seccion: results,
  acta: results,
  outOfCatalogue: results,
  history: beside,
  databases: beside,
  mine: beside,
  help: beside,
  screen: beside,
  check,
};

const loaded = new Map<Page['view'], Views>();

/** Whether a view is drawn by what the first one has no need of. */
export function isLazy(view: Page['view']): boolean {
  return LOADERS[view] !== undefined;
}

/** Has what draws an address's view fetched already, while it is looked up what stands there. */
export function hasten(route: Route, language: Language): void {
  if (route.view === 'past') return hasten(route.of, language);
  const view = route.view === 'results' ? 'area' : route.view;
  if (view === 'unknown' || !isLazy(view)) return;
  // Whether they came is asked when they are needed.
  const walks = LOADERS[view] === beside ? [] : [walker()];
  void Promise.all([prepare(view), loadTexts(language), ...walks]).catch(() => {});
}

/** Fetches what draws a view. Throws a `TreeFault` where it cannot be had. */
export async function prepare(view: Page['view']): Promise<void> {
  const load = LOADERS[view];
  if (!load || loaded.has(view)) return;
  try {
    loaded.set(view, (await loadAgain(load)).default);
  } catch {
    throw new TreeFault('network', view);
  }
}

/** What draws a view that was prepared. */
export function viewsOf(view: Page['view']): Views | undefined {
  return loaded.get(view);
}
