/**
 * `<openprep-results contest="GUB" area="001" theme="light" lang="es" most="5">`: live results of one
 * area for a newsroom's page. One file without dependencies; what it shows comes from the tree that
 * the file itself came from, digests compared, in a shadow of its own.
 */

import { Asking } from '../tree/asking';
import { localTime, share } from '../figures/format';
import { ownBytes, pathOf, rangeOf, twice, type Asked } from '../tree/refs';
import { isRun, runWith } from '../figures/runs';
import type {
  AreaResults,
  CutKind,
  ElectionDescription,
  Manifest,
  Pointer,
  Ref,
  SeccionResults,
} from '../tree/wire';

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

/** For all of them on a newsroom's page. */
const asking = new Asking();
const MOST_OF_POINTER = 64 * 1024;

/** An attribute names what the election has not: waiting would not help. */
class Unknown extends Error {}

function pointerNow(): Promise<Pointer> {
  return taken('current.json', null, { query: '', cache: 'no-store' });
}

/** Of an answer that another origin may not read no more is known than that it failed: then it is asked for again, too. */
function named<Found>(path: string, ref: Ref): Promise<Found> {
  return twice(
    ref.sha256,
    'default',
    () => true,
    (asked) => taken<Found>(path, ref, asked),
  );
}

async function taken<Found>(
  path: string,
  ref: Ref | null,
  { query, cache }: Asked,
): Promise<Found> {
  const limit = ({ status }: Response) =>
    ref ? ref.size + (status === 206 ? 0 : (ref.offset ?? 0)) : MOST_OF_POINTER;
  const init = { ...(ref ? rangeOf(ref) : {}), cache };
  const { response, bytes: whole } = await asking.inTurn(
    new URL(path + query, BASE).href,
    init,
    limit,
  );
  if (!response.ok) throw new Error(path);
  const bytes = ref ? ownBytes(whole, response, ref) : whole;
  if (ref && globalThis.crypto?.subtle) {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    if (hex !== ref.sha256) throw new Error(`altered: ${path}`);
  }
  return JSON.parse(new TextDecoder().decode(bytes)) as Found;
}

function object<Found>(ref: Ref): Promise<Found> {
  return named(pathOf(ref), ref);
}

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
    const pointer = await pointerNow();
    const of = `${pointer.election} ${pointer.drill}`;
    if (pointer.cut <= this.#shown && of === this.#of) return undefined;
    const manifest = await named<Manifest>(`cuts/${pointer.cut}.json`, pointer.manifest);
    const contest = this.#contestOf(manifest.contests);
    const { parties } = await object<ElectionDescription>(manifest.description);
    const path = this.getAttribute('area') ?? '';
    const area = path ? await this.#areaAt(contest, path) : { ...contest, name: '', path };
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

  async #areaAt({ id, results }: Contest, path: string): Promise<Shown> {
    let area = await object<AreaResults | SeccionResults>(results);
    const ids = path.split('/');
    for (const depth of ids.keys()) {
      let children = area.kind === 'area' ? area.children : [];
      const run = runWith(children, ids[depth]!);
      if (run) children = (await object<AreaResults>(run.object)).children;
      const child = children.find(
        (listed) => !isRun(listed) && listed.path === ids.slice(0, depth + 1).join('/'),
      );
      if (!child) throw new Unknown(this.#words.noArea(path, id));
      area = await object<AreaResults | SeccionResults>(child.object);
    }
    return area.kind === 'seccion'
      ? { ...area, name: `${this.#words.seccion} ${area.name}` }
      : area;
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
