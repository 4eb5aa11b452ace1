// A page that is of another build than its server comes again, but never before an audience.

import { entryOf, isOther } from '../client/version';
import type { MeetingPage } from './meeting-page.svelte';

/** Milliseconds to the next look, when the server did not answer. */
const againMs = 10_000;

/** Looks, whenever another life of the server is met, whether it serves another build; loads the page again as soon as `may` allows it. */
export function followVersion(page: MeetingPage, may: () => boolean): () => void {
  let other = $state(false);
  let known: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function look(boot: string): Promise<void> {
    const served = await servedEntry();
    if (boot !== known) return;
    if (served === undefined) timer = setTimeout(() => void look(boot), againMs);
    else other = isOther(ownEntry(), served);
  }

  const stop = $effect.root(() => {
    $effect(() => {
      const { boot } = page;
      if (boot === undefined || boot === known) return;
      const first = known === undefined;
      known = boot;
      clearTimeout(timer);
      if (!first) void look(boot);
    });
    $effect(() => {
      if (other && page.live && may()) location.reload();
    });
  });
  return () => {
    known = undefined;
    clearTimeout(timer);
    stop();
  };
}

function ownEntry(): string | undefined {
  return document.querySelector('script[type="module"]')?.getAttribute('src') ?? undefined;
}

async function servedEntry(): Promise<string | undefined> {
  try {
    const answer = await fetch(location.pathname, { cache: 'no-store' });
    return answer.ok ? entryOf(await answer.text()) : undefined;
  } catch {
    return undefined;
  }
}
