/** Words of the actas that are missing. */

import { count } from '../../figures/format';
import type { Language } from '..';

const es = {
  title: 'Qué falta y dónde',
  text: (missing: number, uncounted: number) =>
    `Faltan por capturar ${count(missing)} actas; otras ${count(uncounted)} están capturadas y no se pueden contabilizar.`,
  actas: 'Por capturar',
  none: 'Todas las actas esperadas están capturadas.',
};

const en: typeof es = {
  title: 'What is missing, and where',
  text: (missing, uncounted) =>
    `${count(missing)} tally sheets are still to be captured; another ${count(uncounted)} are captured and cannot be counted.`,
  actas: 'To be captured',
  none: 'All the expected tally sheets are captured.',
};

export const missingWords: Record<Language, typeof es> = { es, en };
