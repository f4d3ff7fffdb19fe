/**
 * `<openprep-results contest="GUB" area="001" theme="light" lang="es" most="5">`: live results of one
 * area for a newsroom's page. One file without dependencies; what it shows comes from the tree that
 * the file itself came from, digests compared, in a shadow of its own.
 */

import { localTime, share } from '../figures/format';
import type { Contest as Declared } from '../figures/running';
import { isRun, runWith } from '../figures/runs';
import { areaAt, rootOf, runAt } from '../tree/areas';
import type { AreaResults } from '../tree/results';
import { readSeccion } from '../tree/seccion';
import { Tree } from '../tree/tree';
import type { CutKind, ElectionDescription, Link, Manifest } from '../tree/wire';

type Contest = Manifest['contests'][number];
/** What is drawn: a contest as the manifest has it, or an area or section of it. */
type Shown = Pick<AreaResults, 'votes' | 'path' | 'name'> & {
  summary: Pick<AreaResults['summary'], 'captured_share' | 'counted_share'>;
};

const BASE = new URL('.', import.meta.url);
const PERIOD = 10_000;
const LONGEST_WAIT = 120_000;
const WORDS = {
  es: {
    captured: 'Capturadas',
    counted: 'Contabilizadas',
    notice: 'Resultados preliminares, sin efectos jurídicos',
    cut: 'Corte',
    drill: 'SIMULACRO: datos de prueba',
    old: 'Sin conexión: puede haber cortes más nuevos',
    trouble: 'No se pueden mostrar los resultados',
    all: 'Ver todo',
    seccion: 'Sección',
    months: 'ene feb mar abr may jun jul ago sep oct nov dic'.split(' '),
    kinds: {
      zero: 'apertura en ceros',
      live: '',
      database: '',
      closing: 'último corte',
    } satisfies Record<CutKind, string>,
    noContest: (id: string, ids: string) =>
      `No hay ninguna elección «${id}» en estos resultados. Las que hay: ${ids}.`,
    noArea: (path: string, id: string) => `No hay ningún lugar «${path}» en ${id}.`,
  },
  en: {
    captured: 'Captured',
    counted: 'Counted',
    notice: 'Preliminary results, without legal effect',
    cut: 'Cut',
    drill: 'DRILL: test data',
    old: 'No connection: there may be newer cuts',
    trouble: 'The results cannot be shown',
    all: 'See all',
    seccion: 'Section',
    months: 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' '),
    kinds: {
      zero: 'opening at zero',
      live: '',
      database: '',
      closing: 'last cut',
    } satisfies Record<CutKind, string>,
    noContest: (id: string, ids: string) =>
      `These results have no contest “${id}”. They have: ${ids}.`,
    noArea: (path: string, id: string) => `There is no place “${path}” in ${id}.`,
  },
};
const STYLE = `
:host{display:block;color:#1b2126;background:#fcfbf8;border:1px solid #dcd9d2;padding:1rem 1.1rem;font:16px/1.45 system-ui,sans-serif;font-variant-numeric:tabular-nums}
:host([theme=dark]){color:#eceae6;background:#14181b;border-color:#333a40}
h3{margin:0;font:700 1.25rem/1.2 Georgia,serif}p,ol{margin:.35rem 0 0;padding:0}ol{list-style:none}
li{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:.1rem 1rem;padding:.45rem 0}
li>span:last-of-type{font-weight:600;white-space:nowrap}small{opacity:.8}
svg{grid-column:1/-1;width:100%;height:.7rem;background:#8884}a{color:inherit}
.drill{background:#ffd54a;color:#211a00;padding:.25rem .6rem;margin:0 0 .6rem;font-weight:700}`;

/** An attribute names what the election has not: waiting would not help. */
class Unknown extends Error {}

/** Of an answer that another origin may not read no more is known than that it failed: then it is asked for again, too. */
async function asked(path: string, init: RequestInit = {}): Promise<Response> {
  const url = new URL(path, BASE).href;
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted || init.cache !== 'default') throw error;
    return fetch(url, { ...init, cache: 'reload' });
  }
}

/** For all of them on a newsroom's page. */
const tree = new Tree(asked);

/** Constructed, not written in markup: a strict policy of the page around lets it be. */
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

class OpenprepResults extends HTMLElement {
  static readonly observedAttributes = ['contest', 'area', 'lang', 'most'];
  readonly #root = this.attachShadow({ mode: 'open' });
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Of the last question: what comes of an earlier one is too late. */
  #turn = 0;
  #failures = 0;
  #shown = -1;
  /** Of which election, or rehearsal of it. */
  #of = '';

  connectedCallback(): void {
    this.#root.adoptedStyleSheets = [sheet];
    document.addEventListener('visibilitychange', this.#ask);
    void this.#ask();
  }

  disconnectedCallback(): void {
    document.removeEventListener('visibilitychange', this.#ask);
    clearTimeout(this.#timer);
    this.#turn += 1;
  }

  attributeChangedCallback(): void {
    this.#shown = -1;
    if (this.isConnected) void this.#ask();
  }

  get #words() {
    return WORDS[this.getAttribute('lang') === 'en' ? 'en' : 'es'];
  }

  readonly #ask = async (): Promise<void> => {
    clearTimeout(this.#timer);
    const turn = (this.#turn += 1);
    if (document.hidden) return;
    try {
      const show = await this.#look();
      if (turn !== this.#turn) return;
      show?.();
      this.#failures = 0;
      this.#note('');
    } catch (error) {
      if (turn !== this.#turn) return;
      const unknown = error instanceof Unknown;
      this.#failures = unknown ? 0 : this.#failures + 1;
      if (this.#shown < 0) this.#blank();
      this.#note(unknown ? error.message : this.#shown < 0 ? this.#words.trouble : this.#words.old);
    }
    this.#timer = setTimeout(
      () => void this.#ask(),
      Math.min(LONGEST_WAIT, PERIOD * 2 ** this.#failures),
    );
  };

  /** What is to be shown, once all of it is here; nothing where it is shown already. */
  async #look(): Promise<(() => void) | undefined> {
    const answer = await tree.pointer(null);
    if (answer.kind !== 'news') throw new Error(answer.kind);
    const { pointer } = answer;
    const of = `${pointer.election} ${pointer.drill}`;
    if (pointer.cut <= this.#shown && of === this.#of) return undefined;
    const manifest = await tree.manifest(pointer);
    const contest = this.#contestOf(manifest.contests);
    const description = await tree.declared(manifest.description, 'election');
    const { parties } = description;
    const path = this.getAttribute('area') ?? '';
    const area = path
      ? await this.#areaAt({ manifest, description }, contest, path)
      : { ...contest, name: '', path };
    return () => {
      this.#draw(manifest, contest, area, new Map(parties.map(({ id, colour }) => [id, colour])));
      this.#shown = pointer.cut;
      this.#of = of;
    };
  }

  /** The contest that is asked for, or the first where none is; another is never shown in its place. */
  #contestOf(contests: readonly Contest[]): Contest {
    const asked = this.getAttribute('contest');
    const found = asked ? contests.find(({ id }) => id === asked) : contests[0];
    if (!found)
      throw new Unknown(
        this.#words.noContest(asked ?? '', contests.map(({ id }) => id).join(', ')),
      );
    return found;
  }

  async #areaAt(
    cut: { manifest: Manifest; description: ElectionDescription },
    { id }: Contest,
    path: string,
  ): Promise<Shown> {
    let area: AreaResults = await rootOf(tree, cut.manifest, id);
    const ids = path.split('/');
    for (const [depth, own] of ids.entries()) {
      const run = runWith(area.children, own);
      if (run && depth === ids.length - 1) return this.#seccionAt(cut, id, area, run.object, own);
      const below = ids.slice(0, depth + 1).join('/');
      const child = area.children.find((listed) => !isRun(listed) && listed.path === below);
      if (!child) throw new Unknown(this.#words.noArea(path, id));
      area = await areaAt(tree, child.object);
    }
    return area;
  }

  async #seccionAt(
    cut: { manifest: Manifest; description: ElectionDescription },
    id: string,
    unit: AreaResults,
    link: Link,
    name: string,
  ): Promise<Shown> {
    const declared = cut.description.contests.find((contest) => contest.id === id)!;
    const [run, { units }] = await Promise.all([
      runAt(tree, link, unit),
      tree.declared(declared.running, 'candidacies'),
    ]);
    const index = run.sections.findIndex((section) => section.name === name);
    const contest: Declared = { ...declared, candidacies: units };
    if (index < 0) throw new Unknown(this.#words.noArea(`${unit.path}/${name}`, id));
    const found = await readSeccion(tree, cut, contest, unit, run, index);
    return { ...found, name: `${this.#words.seccion} ${found.name}` };
  }

  /** Built of nodes, so that no name of the tree is ever read as markup. */
  #draw(manifest: Manifest, contest: Contest, area: Shown, colours: Map<string, string>): void {
    const w = this.#words;
    const most = Number(this.getAttribute('most')) || 5;
    const node = (tag: string, text = '', more: Record<string, string> = {}) => {
      const made = Object.assign(document.createElement(tag), { textContent: text });
      for (const [name, value] of Object.entries(more)) made.setAttribute(name, value);
      return made;
    };
    const rows = area.votes.candidacies
      .toSorted((a, b) => b.votes - a.votes)
      .slice(0, most)
      .map(({ name, parties, share: part }) => {
        const row = node('li');
        row.append(
          node('span', name ?? parties.join(' ').replaceAll('_', ' ')),
          node('span', share(part)),
          bar(parties, part, colours),
        );
        return row;
      });
    const list = node('ol');
    list.append(...rows);
    const told = [
      `${w.cut} ${manifest.cut}`,
      this.#when(manifest.time),
      w.kinds[manifest.kind],
    ].filter(Boolean);
    const cut = node('small', `${told.join(' · ')} · `);
    cut.append(node('a', w.all, { href: new URL(addressOf(contest.id, area.path), BASE).href }));
    this.#root.replaceChildren(
      ...(manifest.drill ? [node('p', w.drill, { class: 'drill' })] : []),
      node('h3', area.name ? `${contest.title} · ${area.name}` : contest.title),
      node(
        'p',
        `${w.captured} ${share(area.summary.captured_share)} · ${w.counted} ${share(area.summary.counted_share)}`,
      ),
      list,
      node('p', w.notice, { class: 'notice' }),
      cut,
      node('p', '', { part: 'note', role: 'status' }),
    );
  }

  /** The cut's time, which is in the official zone. */
  #when(time: string): string {
    const at = localTime(time);
    return at
      ? `${at.day} ${this.#words.months[at.month]} ${at.year}, ${at.clock} ${at.zone}`
      : time;
  }

  #blank(): void {
    const note = document.createElement('p');
    note.setAttribute('part', 'note');
    note.setAttribute('role', 'status');
    this.#root.replaceChildren(note);
  }

  #note(words: string): void {
    const note = this.#root.querySelector('[part=note]');
    if (note) note.textContent = words;
  }
}

/** On the contest's own page, which has its title for whoever shows the link. */
function addressOf(contest: string, path: string): string {
  const steps = [contest, ...(path ? path.split('/') : [])].map(encodeURIComponent);
  return `${steps[0]}.html#/${steps.join('/')}`;
}

function bar(parties: string[], width: number, colours: Map<string, string>): SVGElement {
  const make = (tag: string, more: Record<string, string | number>) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(more)) made.setAttribute(name, String(value));
    return made;
  };
  const drawing = make('svg', {
    viewBox: `0 0 1000000 ${parties.length}`,
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  });
  drawing.append(
    ...parties.map((id, y) =>
      make('rect', { y, width, height: 1, fill: colours.get(id) ?? '#888' }),
    ),
  );
  return drawing;
}

customElements.define('openprep-results', OpenprepResults);
