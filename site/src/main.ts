import './styles/first.css';
import { mount, type Component } from 'svelte';
import App from './App.svelte';
import { Asking } from './tree/asking';
import Footer from './frame/Footer.svelte';
import Masthead from './frame/Masthead.svelte';
import Stale from './frame/Stale.svelte';
import { session } from './shown/session.svelte';
import { hasten } from './shown/views';
import { rangeOf } from './tree/refs';

/** Puts a component where its rendered twin stands, in the same frame: nothing moves. */
function takeOver<Props extends Record<string, unknown>>(
  id: string,
  component: Component<Props, object, string>,
  props: Props = {} as Props,
): void {
  const target = document.getElementById(id)!;
  target.replaceChildren();
  mount(component, { target, props });
}

const main = document.getElementById('app')!;
/** What came with the page is what the address asks for: the landing, or a contest. */
const rendered =
  main.childElementCount > 0 &&
  (session.route.view === 'landing') === !document.documentElement.dataset.route;

async function begin(): Promise<void> {
  await session.start();
  hasten(session.route, session.language);
  takeOver('masthead', Masthead);
  takeOver('footer', Footer);
  takeOver('stale', Stale);
  // What came with the page stays until this cut's own figures are at hand; what an address asks
  // for beside it, until the cut is.
  if (rendered) await session.firstShown;
  else if (main.childElementCount > 0) await session.firstKnown;
  takeOver('app', App);
}

/** Offline with the last cut; not inside another site's frame, nor where the browser refuses. */
function workOffline(): void {
  if (!navigator.serviceWorker || document.documentElement.dataset.frame !== undefined) return;
  if (!navigator.serviceWorker.controller)
    navigator.serviceWorker.addEventListener('controllerchange', handOver, { once: true });
  navigator.serviceWorker.register('sw.js').catch(() => {});
}

/** What this visit fetched before there was a worker to see it is at hand: asked for again, it is kept. */
function handOver(): void {
  const names = performance.getEntriesByType('resource').map(({ name }) => name);
  const whole = /\/(assets|objects|tile\/\d)\/|\/cuts\/\d+\.(where|note)$/;
  for (const name of new Set(names.filter((name) => whole.test(name))))
    void fetch(name).catch(() => {});
  for (const span of session.tree.spans) void fetch(span.path, rangeOf(span)).catch(() => {});
}

/** What is shorter declares none, as `{}`; what is longer is none (`frame.ts`, which comes where there is one). */
const [LEAST_OF_FRAME, MOST_OF_FRAME] = [8, 4 * 32_768];

/** Whose mirror this is: its own bar, if it declares one, after everything that is of the election. */
async function frame(): Promise<void> {
  const { response, bytes } = await new Asking().atOnce(
    'frame.json',
    { cache: 'no-cache' },
    () => MOST_OF_FRAME,
  );
  if (!response.ok || bytes.length < LEAST_OF_FRAME) return;
  const { default: PublisherFrame } = await import('./frame/PublisherFrame.svelte');
  takeOver('publisher', PublisherFrame, { declared: new TextDecoder().decode(bytes) });
}

void begin().then(() => {
  workOffline();
  void frame().catch(() => {});
});
