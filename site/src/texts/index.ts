/**
 * The page's words: one file per language, all with the shape of the Spanish one, which is in two
 * parts: what the first view says comes with the page (`es.first.ts`), the rest with other views.
 */

import { loadAgain } from '../shown/loading';
import { esFirst } from './es.first';
import type { es } from './es';

export type FirstTexts = typeof esFirst;
export type Texts = typeof es;
export type Language = 'es' | 'en';

/** Each language by the name its readers call it. */
export const LANGUAGES: Record<Language, string> = { es: 'Español', en: 'English' };

export function isLanguage(name: string | null): name is Language {
  return name !== null && Object.hasOwn(LANGUAGES, name);
}

/** A language whole. Throws where it cannot be had. */
const whole: Record<Language, () => Promise<Texts>> = {
  es: async () => (await import('./es')).es,
  en: async () => (await import('./en')).en,
};

export function loadTexts(language: Language): Promise<Texts> {
  return loadAgain(whole[language]);
}

export { esFirst };
