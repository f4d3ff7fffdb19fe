/**
 * How a view is seen, as its address says behind `?`: it is shared with the address, and comes back
 * with it. Changing it is no navigation: the address is rewritten in place.
 */

type Said = 'ver' | 'entre' | 'orden' | 'buscar' | 'abierto' | 'rotar';

const SAID: readonly Said[] = ['ver', 'entre', 'orden', 'buscar', 'abierto', 'rotar'];

class Seeing {
  #query = $state.raw(new URLSearchParams());
  /** Of which address it is. */
  #of = '';

  /** Takes it from the page's own address. */
  read(): void {
    const [of, query] = partsOf(location.hash);
    this.#of = of;
    if (query.toString() !== this.#query.toString()) this.#query = query;
  }

  get(name: Said): string {
    return this.#query.get(name) ?? '';
  }

  list(name: Said): string[] {
    return valuesOf(this.#query, name);
  }

  set(name: Said, value: string | readonly string[]): void {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- it takes the place of the one before, whole
    const query = new URLSearchParams(this.#query);
    const text = typeof value === 'string' ? value : value.join(',');
    if (text) query.set(name, text);
    else query.delete(name);
    this.#query = query;
    // Another view may have been asked for meanwhile: its address is not this one's to write.
    if (partsOf(location.hash)[0] !== this.#of) return;
    try {
      history.replaceState(history.state, '', written(this.#of, query));
    } catch {
      // Safari refuses to rewrite it more than a hundred times in half a minute.
    }
  }

  /** Another address of the same view, seen in the same way. */
  keptIn(address: string): string {
    const [of, query] = partsOf(address);
    for (const name of SAID) if (this.get(name)) query.set(name, this.get(name));
    return written(of, query);
  }
}

/** What the address `hash` says of `name`. */
export function listIn(hash: string, name: Said): string[] {
  return valuesOf(partsOf(hash)[1], name);
}

/** No value of a list holds a comma. */
function valuesOf(query: URLSearchParams, name: Said): string[] {
  return (query.get(name) ?? '').split(',').filter(Boolean);
}

function partsOf(address: string): [of: string, query: URLSearchParams] {
  const [of = '', query = ''] = address.split('?', 2);
  return [of, new URLSearchParams(query)];
}

function written(of: string, query: URLSearchParams): string {
  const text = query.toString().replaceAll('%2F', '/').replaceAll('%2C', ',');
  return text ? `${of || '#/'}?${text}` : of || '#/';
}

export const seeing = new Seeing();
