import de from './words/de.json';
import en from './words/en.json';
import es from './words/es.json';
import fr from './words/fr.json';
import pt from './words/pt.json';

export type Words = typeof en;

const LANGUAGES: Record<string, Words> = { de, en, es, fr, pt };

/** Picks the texts for a language tag such as "pt-br"; English for a language that we do not speak. */
export function wordsFor(language?: string): Words {
  return LANGUAGES[(language ?? 'en').slice(0, 2).toLowerCase()] ?? en;
}
