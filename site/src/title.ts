import type { Page } from './resolve';
import type { Shown } from './session.svelte';
import type { Texts } from './texts';
import type { AreaName, PublishedActa } from './wire';

/** Last part of a path: the id that the authority gives to the area. */
export function idOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** An area as people call it: `Distrito 001 XICOTEPEC`, `Sección 0423`, or the root's own name. */
export function nameOf(area: AreaName, texts: Texts): string {
  if (area.path === '') return area.name;
  if (area.level === 'seccion') return texts.seccion(area.name);
  return `${texts.area(area.level, idOf(area.path))} ${area.name}`;
}

export function casillaOf({ expected }: PublishedActa, texts: Texts): string {
  return texts.casilla(expected.kind, expected.number, expected.extension);
}

function namesOf(page: Page, texts: Texts): string[] {
  switch (page.view) {
    case 'area':
      return [nameOf(page.area, texts), page.contest.title];
    case 'seccion':
      return [nameOf(page.seccion, texts), page.contest.title];
    case 'acta':
      return [casillaOf(page.acta, texts), nameOf(page.seccion, texts), page.contest.title];
    case 'outOfCatalogue':
      return [texts.outOfCatalogueTitle, page.contest.title];
    case 'unknown':
      return [texts.unknownTitle];
    case 'trouble':
      return [texts.troubleTitle];
    case 'landing':
      return [];
  }
}

/** The document's title: from the particular to the general, as tabs and histories show it. */
export function titleOf(shown: Shown | null, texts: Texts): string {
  if (!shown) return `${texts.brand} · ${texts.brandLong}`;
  const { manifest, description } = shown.cut;
  const drill = manifest.drill ? [texts.drill.toUpperCase()] : [];
  return [...drill, ...namesOf(shown.page, texts), texts.brand, description.name].join(' · ');
}
