// Messages by id, from the Fluent catalogues in /i18n. Pure: no DOM, no Svelte.

import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import type { Text } from '../contract';
import type { MessageId } from './ids';

/** The languages with a complete catalogue. */
export type Lang = 'zh-CN' | 'en';

/** The languages, the default first. */
export const languages: readonly Lang[] = ['zh-CN', 'en'];

/** Values for the places of a message. Numbers are formatted in the language; give digits that must stay plain as strings. */
export type Values = Record<string, FluentVariable>;

/** All messages of one language. */
export class Words {
  readonly lang: Lang;
  readonly #bundle: FluentBundle;

  constructor(lang: Lang, catalogues: readonly string[]) {
    this.lang = lang;
    this.#bundle = new FluentBundle(lang, { useIsolating: false });
    for (const catalogue of catalogues) this.#bundle.addResource(new FluentResource(catalogue));
  }

  /** The message in this language. An id that no catalogue has comes back as it is, which the tests look for. */
  say(id: MessageId, values?: Values): string {
    const message = this.#bundle.getMessage(id);
    return message?.value ? this.#bundle.formatPattern(message.value, values ?? null, []) : id;
  }

  /** The text in this language, else in its base language, else in the meeting's, else in the first that it has. */
  pick(text: Text, meeting?: string): string {
    const asked = [this.lang, this.lang.split('-')[0], meeting, ...Object.keys(text)];
    for (const language of asked) {
      const found = language !== undefined && text[language];
      if (found) return found;
    }
    return '';
  }
}

/** The language that a tag asks for, by its first part. */
export function languageOf(tag: string | null | undefined): Lang | undefined {
  const primary = tag?.toLowerCase().split('-')[0];
  return languages.find((lang) => lang.split('-')[0] === primary);
}
