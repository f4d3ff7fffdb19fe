import { share, shareOf } from '../figures/format';
import type { Page } from './resolve';
import { isRun } from '../figures/runs';
import type { Shown } from '../shown/session.svelte';
import { esFirst, type Texts } from '../texts';
import { NO_AREA, type AreaName, type Votes } from '../tree/wire';
import type { ChildArea } from '../tree/results';
import type { PublishedActa } from '../tree/seccion';

/** Last part of a path: the id that the authority gives to the area. */
export function idOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether an area's name is only its level and id, as `Distrito 05`. */
export function isPlainlyNamed(area: AreaName): boolean {
  return area.name === esFirst.area(area.level, idOf(area.path));
}

/** The areas above, as people know them. */
export function placesAbove(parents: readonly AreaName[]): AreaName[] {
  return parents.filter((area) => !isRun(area));
}

/** An area as people call it: `Distrito 001 XICOTEPEC`, `Puebla`, `Sección 0423`. */
export function nameOf(area: AreaName, texts: Texts): string {
  return namedParts(area, texts).filter(Boolean).join(' ');
}

/** What the page calls an area, and its own name, which is in Spanish whatever the page speaks. */
export function namedParts(area: AreaName, texts: Texts): [called: string, own: string] {
  if (area.path === '') return ['', area.name];
  if (area.level === 'seccion') return [texts.seccion(area.name), ''];
  const id = idOf(area.path);
  if (area.level === 'entity' || id === NO_AREA) return ['', area.name];
  return [texts.area(area.level, id), isPlainlyNamed(area) ? '' : area.name];
}

/** Where something is: the area above it and, where there is one below the root, the next above. */
export function whereOf(parents: readonly AreaName[], texts: Texts): string {
  return areasOver(parents)
    .map((area) => nameOf(area, texts))
    .join(', ');
}

export function areasOver(parents: readonly AreaName[]): AreaName[] {
  const [unit, above] = placesAbove(parents).toReversed();
  return [unit, above?.path ? above : undefined].filter((area) => area !== undefined);
}

/** An area's name, with that of the area above it where the view does not say it. */
export function nameWithin(
  area: ChildArea,
  above: ReadonlyMap<string, string>,
  texts: Texts,
): string {
  const within = above.get(area.path.slice(0, Math.max(0, area.path.lastIndexOf('/'))));
  return within ? `${nameOf(area, texts)}, ${within}` : nameOf(area, texts);
}

/** An area on the map in words: who comes first, by how much, and of how many actas. */
export function wordsOf(area: ChildArea, name: string, votes: Votes, texts: Texts): string {
  const parties = votes.candidacies.find(({ key }) => key === area.leader)?.parties ?? [];
  const leader =
    area.leader === null
      ? area.leader_votes > 0
        ? texts.tie
        : texts.noVotes
      : `${texts.leader} ${parties.join(' ').replaceAll('_', ' ')}, ${share(shareOf(area.leader_votes, area.total))}`;
  return `${name}: ${leader}. ${texts.capturedOf(area.captured, area.expected)}`;
}

export function casillaOf({ expected }: Pick<PublishedActa, 'expected'>, texts: Texts): string {
  return texts.casilla(expected.kind, expected.number, expected.extension);
}

/** Districts of every entity have the same names: a title says in which. */
function above(parents: readonly AreaName[], texts: Texts): string[] {
  return parents.some(({ path }) => path !== '') ? [whereOf(parents, texts)] : [];
}

function namesOf(page: Page, texts: Texts): string[] {
  switch (page.view) {
    case 'area':
      return [nameOf(page.area, texts), ...above(page.area.parents, texts), page.contest.title];
    case 'group':
      return [
        texts.groups[page.group],
        ...above([...page.area.parents, page.area], texts),
        page.contest.title,
      ];
    case 'seccion':
      return [nameOf(page.seccion, texts), page.contest.title];
    case 'acta':
      return [casillaOf(page.acta, texts), nameOf(page.seccion, texts), page.contest.title];
    case 'outOfCatalogue':
      return [texts.outOfCatalogueTitle, page.contest.title];
    case 'history':
    case 'databases':
    case 'mine':
    case 'help':
    case 'screen':
      return [texts.menu[page.view]];
    case 'check':
      return [texts.check.title];
    case 'unknown':
      return [texts.unknownTitle];
    case 'trouble':
      return [texts.troubleTitle];
    case 'landing':
    case 'coming':
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
