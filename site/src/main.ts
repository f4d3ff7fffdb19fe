import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/print.css';
import { mount, type Component } from 'svelte';
import App from './App.svelte';
import Footer from './parts/Footer.svelte';
import Masthead from './parts/Masthead.svelte';
import Stale from './parts/Stale.svelte';
import { session } from './session.svelte';

/** Puts a component where its rendered twin stands, in the same frame: nothing moves. */
function takeOver(id: string, component: Component<Record<string, never>, object, string>): void {
  const target = document.getElementById(id)!;
  target.replaceChildren();
  mount(component, { target });
}

const main = document.getElementById('app')!;
/** What came with the page is what the address asks for: the landing, or a contest. */
const rendered = main.childElementCount > 0 && (session.route.view === 'landing') === !document.documentElement.dataset.route;

async function begin(): Promise<void> {
  await session.start();
  takeOver('masthead', Masthead);
  takeOver('footer', Footer);
  takeOver('stale', Stale);
  // What came with the page stays until this cut's own figures are at hand.
  if (rendered) await session.firstShown;
  takeOver('app', App);
}

void begin();
