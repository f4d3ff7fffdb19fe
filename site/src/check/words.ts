/** The words of the checks, fetched in the language that is read. */

import type { Language } from '../texts';
import type { CheckTexts } from '../texts/es.check';

const TEXTS: Record<Language, () => Promise<CheckTexts>> = {
  es: async () => (await import('../texts/es.check')).esCheck,
  en: async () => (await import('../texts/en.check')).enCheck,
};

export function loadCheckTexts(language: Language): Promise<CheckTexts> {
  return TEXTS[language]();
}
