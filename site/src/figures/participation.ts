/** What is said beside a participation. */

import type { Texts } from '../texts';
import type { Summary } from '../tree/wire';

/** Why there is none; `null` where there is one. */
export function whyNone(summary: Summary, { whyNoParticipation: why }: Texts): string | null {
  if (summary.participation !== null) return null;
  if (summary.counted === 0) return why.uncounted;
  return summary.votes_with_special > summary.votes_without_special ? why.special : why.listless;
}
