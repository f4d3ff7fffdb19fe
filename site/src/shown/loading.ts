/** Parts of the page that come when they are needed. */

const URL_IN_WORDS = /https?:\/\/\S+\.js\b/;

/**
 * What `load` imports, with its styles. A wrong answer, as of a Wi-Fi's door, that a browser kept would be
 * its answer for ever: it is asked for once more past every cache. Throws where that does not help.
 */
export async function loadAgain<Module>(load: () => Promise<Module>): Promise<Module> {
  const module = await load().catch(async (error: unknown) => {
    const script = URL_IN_WORDS.exec(String(error))?.[0];
    if (script) await reload(script);
    await Promise.all(stylesWith(null).map(addAgain));
    return load();
  });
  await Promise.all(stylesWith(0).map(addAgain));
  if (stylesWith(0).length > 0) throw new TypeError('a style could not be read');
  return module;
}

function reload(url: string): Promise<Response> {
  return fetch(url, { cache: 'reload' });
}

/** Styles by their rules: none is what came in place of one, `null` one that failed or is on its way. */
function stylesWith(rules: 0 | null): HTMLLinkElement[] {
  const links = [...document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]')];
  const read = new Set(links.filter(({ sheet }) => sheet?.cssRules.length).map(({ href }) => href));
  return links.filter(
    ({ href, sheet }) => !read.has(href) && (sheet?.cssRules.length ?? null) === rules,
  );
}

/** A style is never asked for again by itself. One that may be on its way stays: others wait for it. */
async function addAgain(link: HTMLLinkElement): Promise<void> {
  await reload(link.href);
  const again = link.cloneNode() as HTMLLinkElement;
  const settled = new Promise((done) => (again.onload = again.onerror = done));
  link.after(again);
  if (link.sheet) link.remove();
  await settled;
}
