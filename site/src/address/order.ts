/** In which order a table stands, and how an address says it: `orden=capturadas-desc`. */

export type Column = 'area' | 'captured' | 'counted' | 'leader';

export interface Order {
  by: Column;
  descending: boolean;
}

const SAID: Record<Column, string> = {
  area: 'nombre',
  captured: 'capturadas',
  counted: 'contabilizadas',
  leader: 'primero',
};
const AS_LISTED: Order = { by: 'area', descending: false };

/** The authority's own order where the address says none, or one that there is not. */
export function orderOf(said: string): Order {
  const [name, sign = ''] = said.split('-', 2);
  const by = (Object.keys(SAID) as Column[]).find((column) => SAID[column] === name);
  if (!by) return AS_LISTED;
  const own = by !== 'area';
  return { by, descending: sign === 'asc' ? false : sign === 'desc' || own };
}

export function orderSaid({ by, descending }: Order): string {
  if (by === AS_LISTED.by && descending === AS_LISTED.descending) return '';
  return `${SAID[by]}-${descending ? 'desc' : 'asc'}`;
}
