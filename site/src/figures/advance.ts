/** How far what is on screen has come, under its own name: the strip shows nobody else's figures. */

import { shareOf } from './format';
import type { Page } from '../address/resolve';
import type { Texts } from '../texts';
import { namedParts } from '../address/title';
import type { AreaName, Summary } from '../tree/wire';

export interface Advance {
  /** Whose it is: in the page's words, and by its own name in Spanish. */
  of: [called: string, own: string];
  /** As published: ten-thousandths of a percent. */
  captured: number;
  counted: number;
}

/** Of the area, section or group on screen; `null` where the view is about none of these. */
export function advanceOf(page: Page, texts: Texts): Advance | null {
  switch (page.view) {
    case 'area':
      return ofSummary(titleIn(page.contest.title, page.area, texts), page.area.summary);
    case 'seccion':
      return ofSummary(namedParts(page.seccion, texts), page.seccion.summary);
    case 'outOfCatalogue':
      return ofSummary(['', page.contest.title], page.root.summary);
    case 'group': {
      const own = page.area.groups.find(({ group }) => group === page.group)!;
      const [called, name] = titleIn(page.contest.title, page.area, texts);
      return {
        of: [`${texts.groups[page.group]}, ${called}`.trimEnd(), name],
        captured: shareOf(own.captured, own.expected),
        counted: shareOf(own.counted, own.expected),
      };
    }
    default:
      return null;
  }
}

function titleIn(contest: string, area: AreaName, texts: Texts): Advance['of'] {
  return area.path === '' ? ['', contest] : namedParts(area, texts);
}

function ofSummary(of: Advance['of'], { captured_share, counted_share }: Summary): Advance {
  return { of, captured: captured_share, counted: counted_share };
}
