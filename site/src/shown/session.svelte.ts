/** What the whole page shares: the cut and view on screen, how fresh they are, language and theme. */

import { Following, type Freshness } from '../tree/follow';
import { resolve, summaryOf, walker, type Cut, type Page } from '../address/resolve';
import { reading } from './reading.svelte';
import { idOf } from '../address/title';
import { parseRoute, sameRoute, type Route } from '../address/route';
import { listIn, seeing } from '../address/seeing.svelte';
import { esFirst, isLanguage, loadTexts, type Language, type Texts } from '../texts';
import { Tree, TreeFault, type Fault } from '../tree/tree';
import { isLazy, prepare } from './views';
import type { AreaResults } from '../tree/results';
import type { Party, Pointer } from '../tree/wire';

/** What is on screen; replaced as a whole, so that two cuts are never mixed. */
export interface Shown {
  route: Route;
  cut: Cut;
  page: Page;
  /** The newest cut that is known: another than `cut` where a past one is read. */
  latest: Cut;
  parties: ReadonlyMap<string, Party>;
}

export type Theme = 'light' | 'dark';

const SPOKEN_EVERY = 60_000;
const SIZES = 4;

class Session {
  shown = $state.raw<Shown | null>(null);
  freshness = $state.raw<Freshness>({ kind: 'starting' });
  /** A view that was asked for and is still on its way. */
  loading = $state(false);
  /** Whole once a view other than the landing is prepared: until then, what the first view says. */
  texts = $state.raw<Texts>(esFirst as Texts);
  language = $state<Language>('es');
  /** Steps above the usual size of text. */
  size = $state(0);
  theme = $state<Theme>('light');
  /** What a screen reader is told of the last cut; at most one a minute, cuts come faster. */
  spoken = $state('');
  /** Fulfilled when there is a first view to put on screen. */
  readonly firstShown: Promise<void>;
  /** Fulfilled before it: there is a cut to name, or a reason why there is none. */
  readonly firstKnown: Promise<void>;

  #tellFirstShown: () => void = () => {};
  #tellFirstKnown: () => void = () => {};

  readonly #tree = new Tree();
  #route: Route = routeOfPage();
  #cut: Cut | null = null;
  /** As the address says: what is unfolded is shared with it. */
  #unfolded = new Set<string>();
  #ticket = 0;
  #spokenAt = -Infinity;

  constructor() {
    this.firstShown = new Promise((resolve) => (this.#tellFirstShown = resolve));
    this.firstKnown = new Promise((resolve) => (this.#tellFirstKnown = resolve));
  }

  /** The language of names that come from the tree, where the page speaks another: for `lang`. */
  get spanish(): 'es' | undefined {
    return this.language === 'es' ? undefined : 'es';
  }

  get route(): Route {
    return this.#route;
  }

  async start(): Promise<void> {
    this.#recallTheme();
    this.#recallSize();
    const asked = new URLSearchParams(location.search);
    if (asked.get('tema') === 'oscuro') this.theme = 'dark';
    if (asked.get('tema') === 'claro') this.theme = 'light';
    if (asked.has('tema')) document.documentElement.dataset.theme = this.theme;
    const language = asked.get('idioma') ?? recall('language');
    if (isLanguage(language) && language !== this.language) {
      // Words that cannot be had now do not take the results away: they are then in Spanish.
      await this.speak(language).catch(() => {});
    }
    this.#unfolded = unfoldedIn(location.hash);
    addEventListener('hashchange', () => void this.#navigate());
    new Following(this.#tree, {
      news: (pointer) => this.#take(pointer),
      freshness: (now) => this.#know(now),
    }).start();
  }

  async speak(language: Language): Promise<void> {
    this.texts = await loadTexts(language);
    this.language = language;
    document.documentElement.lang = language;
    remember('language', language);
  }

  /** Fetches the words that the first view has no need of. Throws a `TreeFault` where it cannot. */
  async #complete(view: Page['view']): Promise<void> {
    if (this.texts !== esFirst || !isLazy(view)) return;
    try {
      const texts = await loadTexts('es');
      if (this.texts === esFirst) this.texts = texts;
    } catch {
      throw new TreeFault('network', view);
    }
  }

  paint(theme: Theme): void {
    this.theme = theme;
    document.documentElement.dataset.theme = theme;
    remember('theme', theme);
  }

  /** Larger text, in three steps, and back. */
  grow(): void {
    this.size = (this.size + 1) % SIZES;
    document.documentElement.dataset.size = String(this.size);
    remember('size', String(this.size));
  }

  #recallSize(): void {
    const kept = Number(recall('size'));
    if (!Number.isInteger(kept) || kept <= 0 || kept >= SIZES) return;
    this.size = kept;
    document.documentElement.dataset.size = String(kept);
  }

  #recallTheme(): void {
    const kept = recall('theme');
    if (kept === 'light' || kept === 'dark') this.paint(kept);
    else if (matchMedia('(prefers-color-scheme: dark)').matches) this.theme = 'dark';
  }

  async #take(pointer: Pointer): Promise<void> {
    const manifest = await this.#tree.manifest(pointer);
    const before = this.#cut?.manifest;
    const same = before?.election === manifest.election && before.drill === manifest.drill;
    if (before && same && manifest.cut < before.cut) {
      throw new TreeFault('older', 'current.json');
    }
    const description = await this.#tree.declared(manifest.description, 'election');
    const cut = { manifest, description };
    const isLater = this.#route.view !== 'landing' && this.#route.view !== 'past';
    if (!this.shown && isLater) this.#put(cut, this.#route, { view: 'coming' });
    const page = await this.#show(cut, this.#route);
    this.#cut = cut;
    // Another view, asked for meanwhile, was found in the cut before.
    if (!page) await this.#open(this.#route);
    else if (before) this.#announce(cut, page);
  }

  /** Each answer of the server is a chance to show what could not be shown when it was asked for. */
  #know(now: Freshness): void {
    this.freshness = now;
    if (now.kind !== 'starting' && now.kind !== 'live') this.#tellFirstKnown();
    const page = this.shown?.page;
    const mayPass = page?.view === 'trouble' && page.fault !== 'totals-only';
    if (now.kind === 'live' && mayPass) void this.#open(this.#route);
  }

  /** The same view once more. */
  again(): void {
    void this.#open(this.#route);
  }

  async #navigate(): Promise<void> {
    const route = parseRoute(location.hash);
    if (!route) return;
    if (sameRoute(route, this.#route)) return seeing.read();
    this.#route = route;
    this.#unfolded = unfoldedIn(location.hash);
    await this.#open(route);
  }

  async #open(route: Route): Promise<void> {
    if (!this.#cut) return;
    this.loading = true;
    try {
      await this.#show(this.#cut, route);
    } catch (error) {
      this.#put(this.#cut, route, { view: 'trouble', fault: faultOf(error) });
    }
  }

  /** Shows what is folded within the view, in the cut on screen; why not, if it could not be read. */
  async unfold(fold: string): Promise<Fault | null> {
    if (!this.#cut || this.#unfolded.has(fold)) return null;
    this.#unfolded.add(fold);
    try {
      await this.#show(this.#cut, this.#route);
      seeing.set('abierto', [...this.#unfolded]);
      return null;
    } catch (error) {
      this.#unfolded.delete(fold);
      return faultOf(error);
    }
  }

  /** Whether the section at `path` stands in its unit; a fault where that cannot be read. */
  async stands(unit: AreaResults, path: string): Promise<boolean | Fault> {
    try {
      const { childAt } = await walker();
      return (await childAt(this.#tree, unit, idOf(path))) !== null;
    } catch (error) {
      return faultOf(error);
    }
  }

  /** For the views that read more of the tree than a view of results. */
  get tree(): Tree {
    return this.#tree;
  }

  /** From the next cut on it is not fetched. */
  fold(fold: string): void {
    this.#unfolded.delete(fold);
    seeing.set('abierto', [...this.#unfolded]);
  }

  /** Shows `route` in `cut`, unless another view has been asked for meanwhile. */
  async #show(cut: Cut, route: Route): Promise<Page | null> {
    const ticket = ++this.#ticket;
    const at = route.view === 'past' ? await this.#cutAt(route.cut, cut) : cut;
    const page = await resolve(this.#tree, at, route, this.#unfolded);
    await Promise.all([prepare(page.view), this.#complete(page.view)]);
    if (ticket !== this.#ticket) return null;
    this.#put(at, route, page, cut);
    return page;
  }

  async #cutAt(number: number, latest: Cut): Promise<Cut> {
    if (number === latest.manifest.cut) return latest;
    const manifest = await this.#tree.earlier(number, latest.manifest);
    const description = await this.#tree.declared(manifest.description, 'election');
    return { manifest, description };
  }

  #put(cut: Cut, route: Route, page: Page, latest = cut): void {
    const parties = new Map(cut.description.parties.map((party) => [party.id, party]));
    this.loading = page.view === 'coming';
    seeing.read();
    reading.cut = route.view === 'past' ? route.cut : null;
    this.shown = { route, cut, page, latest, parties };
    this.#tellFirstKnown();
    if (page.view !== 'coming') this.#tellFirstShown();
  }

  #announce(cut: Cut, page: Page): void {
    if (this.#route.view === 'past') return;
    if (performance.now() - this.#spokenAt < SPOKEN_EVERY) return;
    this.#spokenAt = performance.now();
    const summary = summaryOf(page);
    const { cut: number, time, contests } = cut.manifest;
    const figures = summary
      ? [this.texts.spokenFigures(null, summary)]
      : contests.map((contest) => this.texts.spokenFigures(contest.title, contest.summary));
    this.spoken = [this.texts.cutOf(number, this.texts.when(time)), ...figures].join('. ');
  }
}

/** What an address says is unfolded. */
function unfoldedIn(hash: string): Set<string> {
  return new Set(listIn(hash, 'abierto'));
}

/** A contest's own page (`PRES.html`, `PRES.html#21`) becomes the address of what it shows. */
function routeOfPage(): Route {
  const of = document.documentElement.dataset.route;
  if (of !== undefined && !location.hash.startsWith('#/')) {
    const area = location.hash.slice(1);
    history.replaceState(null, '', area ? `./${of}/${area}` : `./${of}`);
  }
  return parseRoute(location.hash) ?? { view: 'landing' };
}

function faultOf(error: unknown): Fault {
  return error instanceof TreeFault ? error.fault : 'unknown-format';
}

/** Choices stay on this device; where storage is denied the page works without them. */
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`openprep.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`openprep.${name}`, value);
  } catch {
    // Private windows may refuse: the choice then lasts as long as the page.
  }
}

export const session = new Session();
