// The language of the page, and its words. `t` is reactive: a template that calls it follows the switch.

import { pauseMs } from '../client/backoff';
import type { Text } from '../contract';
import type { CatalogueName, MessageId } from '../words/ids';
import { firstWords, wordsOf } from '../words/loading';
import { fetchCatalogue } from '../words/shell/fetch';
import { languageOf, Words, type Lang, type Values } from '../words/words';

/** Milliseconds between two tries of the language asked for, while the page shows another one. */
const againMs = 10_000;

let words = $state.raw<Words>();
let meeting = $state.raw<string>();
let missed = $state.raw<Lang>();
let names: readonly CatalogueName[] = [];
/** The language that was asked for last. */
let wished: Lang = 'zh-CN';
/** What came once stays, so that changing back needs no net. */
const loaded = new Map<Lang, Words>();

/**
 * Chooses the language: the address's `?lang=`, the last choice on this device, the browser's, Chinese. Over when there
 * are words to show; while there are none, the root bears `data-words="missing"`.
 */
export async function startLanguage(bundle: readonly CatalogueName[], asked: string | null): Promise<void> {
  names = bundle;
  wished = languageOf(asked) ?? languageOf(remembered()) ?? browserLanguage() ?? 'zh-CN';
  const { dataset } = document.documentElement;
  const first = await firstWords(wished, names, fetchCatalogue, async (tries) => {
    dataset['words'] = 'missing';
    await later(pauseMs(tries, Math.random()));
  });
  delete dataset['words'];
  show(first);
  if (first.lang !== wished) void comeTo(wished);
}

/** Changes the language because somebody chose it, and remembers the choice on this device. Stays as it is if the words do not come. */
export async function chooseLanguage(lang: Lang): Promise<void> {
  wished = lang;
  if (!(await changeTo(lang))) return;
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

/** The language whose words were chosen and did not come. */
export function missedLanguage(): Lang | undefined {
  return missed;
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

/** Goes over to the meeting's language, on a page that nobody at it reads for himself. */
export function followMeeting(): void {
  const lang = languageOf(meeting);
  if (lang === undefined || lang === wished) return;
  wished = lang;
  void changeTo(lang).then((done) => {
    if (!done) void comeTo(lang);
  });
}

/** Shows a language unless another one was asked for meanwhile; whether it did. */
async function changeTo(lang: Lang): Promise<boolean> {
  const found = loaded.get(lang) ?? (await wordsOf(lang, names, fetchCatalogue));
  if (wished !== lang) return false;
  missed = found === undefined ? lang : undefined;
  if (found === undefined) return false;
  show(found);
  return true;
}

/** The page opened in another language than was asked for: goes on trying. */
async function comeTo(lang: Lang): Promise<void> {
  while (wished === lang) {
    await later(againMs);
    if (await changeTo(lang)) return;
  }
}

function show(found: Words): void {
  loaded.set(found.lang, found);
  words = found;
  document.documentElement.lang = found.lang;
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
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
