// What every entry does first: the language, the token of the link, and the place to mount into.

import { readToken, tokenOf, type Opening } from '../client/link';
import { startLanguage } from '../state/language.svelte';
import type { CatalogueName } from '../words/ids';

/** Place and properties for `mount`, once there are words. The token is kept in this tab's storage, so that an address without its fragment still works after a reload. */
export async function open(bundle: readonly CatalogueName[]): Promise<{
  target: HTMLElement;
  props: { opening: Opening | undefined };
}> {
  // Another link in the same tab is another page, though the address differs after the # alone.
  window.addEventListener('hashchange', () => {
    location.reload();
  });
  const query = new URLSearchParams(location.search);
  const opening = readOpening(query);
  const target = document.getElementById('app');
  if (target === null) throw new Error('the page has no place to mount into');
  await startLanguage(bundle, query.get('lang'));
  return { target, props: { opening } };
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
