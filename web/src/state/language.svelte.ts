// The language of the page, and its words. `t` is reactive: a template that calls it follows the switch.

import type { Text } from '../contract';
import type { MessageId } from '../words/ids';
import { languageOf, Words, type Catalogue, type Lang, type Values } from '../words/words';

let words = $state.raw<Words>();
let meeting = $state.raw<string>();
let known: readonly Catalogue[] = [];

/** Chooses the language: the address's `?lang=`, the last choice on this device, the browser's, Chinese. */
export function startLanguage(catalogues: readonly Catalogue[], asked: string | null): void {
  known = catalogues;
  setLanguage(languageOf(asked) ?? languageOf(remembered()) ?? browserLanguage() ?? 'zh-CN');
}

/** Changes the language of the page. */
export function setLanguage(lang: Lang): void {
  words = new Words(lang, known);
  document.documentElement.lang = lang;
}

/** Changes the language because somebody chose it, and remembers the choice on this device. */
export function chooseLanguage(lang: Lang): void {
  setLanguage(lang);
  const address = new URL(location.href);
  if (address.searchParams.has('lang')) {
    // What the address asks for would win again after a reload.
    address.searchParams.set('lang', lang);
    history.replaceState(history.state, '', address);
  }
  try {
    localStorage.setItem('onehall.lang', lang);
  } catch {
    // A browser without storage forgets the choice; the page works on.
  }
}

/** The language now. */
export function language(): Lang {
  return words?.lang ?? 'zh-CN';
}

/** The message in the page's language. */
export function t(id: MessageId, values?: Values): string {
  return words?.say(id, values) ?? id;
}

/** The text as this page reads it. */
export function pick(text: Text): string {
  return words?.pick(text, meeting) ?? text.zh;
}

/** Notes the meeting's language: the first that its title has. A text that is not in the page's language is read in it. */
export function noteMeeting(title: Text): void {
  meeting = Object.keys(title).find((language) => title[language]);
}

function remembered(): string | null {
  try {
    return localStorage.getItem('onehall.lang');
  } catch {
    return null;
  }
}

function browserLanguage(): Lang | undefined {
  for (const tag of navigator.languages) {
    const found = languageOf(tag);
    if (found) return found;
  }
  return undefined;
}
