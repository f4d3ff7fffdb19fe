/** Where the reader was in each entry of the history: how far down, and on which link. */

interface Place {
  y: number;
  /** A link's address, and which of those that lead there, from the last: a map above is drawn later. */
  link: [href: string, fromLast: number] | null;
}

/** So that a browser that limits how often the history is written never has to. */
const SETTLED = 400;

/** Keeps it from now on, whenever `isPlaced` says that the view on screen is this entry's. */
export function keepPlaces(isPlaced: () => boolean): void {
  history.scrollRestoration = 'manual';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keep = (at: EventTarget | null) => {
    clearTimeout(timer);
    if (!isPlaced()) return;
    try {
      history.replaceState({ y: scrollY, link: linkAt(at) } satisfies Place, '');
    } catch {
      // What was kept before stays.
    }
  };
  addEventListener(
    'scroll',
    () => {
      clearTimeout(timer);
      timer = setTimeout(() => keep(document.activeElement), SETTLED);
    },
    { passive: true },
  );
  // Before the link is followed: afterwards the entry is another.
  addEventListener('click', ({ target }) => keep(target), { capture: true });
  addEventListener('pagehide', () => keep(document.activeElement));
}

/** What was kept of this entry; `null` where it is new. */
export function keptPlace(): Place | null {
  const kept = history.state as Place | null;
  return typeof kept?.y === 'number' ? kept : null;
}

/** Goes there, as far as what is on screen reaches, and on as it grows until the reader moves. */
export function returnTo({ y, link }: Place): void {
  ((link && linkOf(...link)) ?? document.querySelector<HTMLElement>('h1'))?.focus({
    preventScroll: true,
  });
  const moved = new AbortController();
  const growing = new ResizeObserver(reach);
  moved.signal.onabort = () => growing.disconnect();
  for (const act of ['wheel', 'touchstart', 'keydown', 'pointerdown', 'hashchange']) {
    addEventListener(act, () => moved.abort(), { signal: moved.signal, passive: true });
  }
  growing.observe(document.body);

  function reach(): void {
    scrollTo({ top: y, behavior: 'instant' });
    if (Math.abs(scrollY - y) <= 1) moved.abort();
  }
}

function linkAt(at: EventTarget | null): Place['link'] {
  const link = at instanceof Element ? at.closest('a[href]') : null;
  const href = link?.getAttribute('href');
  if (!href) return null;
  const links = linksTo(href);
  return [href, links.length - links.indexOf(link as HTMLElement)];
}

function linkOf(href: string, fromLast: number): HTMLElement | undefined {
  const links = linksTo(href);
  return links.at(-fromLast) ?? links[0];
}

/** HTML's links and those of a map. */
function linksTo(href: string): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('main a[href]')].filter(
    (link) => link.getAttribute('href') === href,
  );
}
