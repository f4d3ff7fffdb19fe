/** The page's words: one file per language, all with the shape of the Spanish one. */

import { es } from './es';

export type Texts = typeof es;
export type Language = 'es' | 'en';

/** Each language by the name its readers call it. */
export const LANGUAGES: Record<Language, string> = { es: 'Español', en: 'English' };

export function isLanguage(name: string | null): name is Language {
  return name !== null && Object.hasOwn(LANGUAGES, name);
}

export const defaultTexts: Texts = es;

/** Other languages are fetched only by those who read them. */
const others: Record<Exclude<Language, 'es'>, () => Promise<Texts>> = {
  en: async () => (await import('./en')).en,
};

export async function loadTexts(language: Language): Promise<Texts> {
  return language === 'es' ? es : others[language]();
}
