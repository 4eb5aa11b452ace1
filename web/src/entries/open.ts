// What every entry does first: the language, the token of the link, and the place to mount into.

import { readToken, tokenOf, type Opening } from '../client/link';
import { startLanguage } from '../state/language.svelte';
import type { Catalogue } from '../words/words';

/** Place and properties for `mount`. The token is kept in this tab's storage, so that an address without its fragment still works after a reload. */
export function open(catalogues: readonly Catalogue[]): {
  target: HTMLElement;
  props: { opening: Opening | undefined };
} {
  // Another link in the same tab is another page, though the address differs after the # alone.
  window.addEventListener('hashchange', () => {
    location.reload();
  });
  const query = new URLSearchParams(location.search);
  startLanguage(catalogues, query.get('lang'));
  const target = document.getElementById('app');
  if (target === null) throw new Error('the page has no place to mount into');
  return { target, props: { opening: readOpening(query) } };
}

function readOpening(query: URLSearchParams): Opening | undefined {
  const token = keptToken();
  const claims = token === undefined ? undefined : readToken(token);
  if (token === undefined || claims === undefined) return undefined;
  return { token, claims, source: query.get('source') ?? undefined };
}

function keptToken(): string | undefined {
  const fresh = tokenOf(location.hash);
  if (fresh === undefined) return sessionStorage.getItem('onehall.token') ?? undefined;
  sessionStorage.setItem('onehall.token', fresh);
  return fresh;
}
