// Which build a page is of. Pure.

/** The entry script that a page's markup names. Its name holds a hash of all that the page is made of. */
export function entryOf(markup: string): string | undefined {
  for (const [tag] of markup.matchAll(/<script\b[^>]*>/g)) {
    if (/\btype="module"/.test(tag)) return /\bsrc="([^"]+)"/.exec(tag)?.[1];
  }
  return undefined;
}

/** The server serves another build than this page is of. What cannot be told is no reason to load a page again. */
export function isOther(own: string | undefined, served: string | undefined): boolean {
  return own !== undefined && served !== undefined && own !== served;
}
