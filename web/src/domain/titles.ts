// Titles and names on screens: where they break, and how large they may be.

/** The lines that a title is broken into by whoever wrote it. */
export function lineBreaks(title: string): readonly string[] {
  return title
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The same where there is room for one line only. */
export function oneLine(title: string): string {
  return lineBreaks(title).join(' ');
}

/** How long a text is, in widths of a Han character: a Latin letter has about half of it. */
export function widths(text: string): number {
  let halves = 0;
  for (const character of text) halves += /[\u1100-\uffdc\u{20000}-\u{3ffff}]/u.test(character) ? 2 : 1;
  return halves / 2;
}

/** How much room a text takes: `usual` up to so many widths, `long` up to twice that, `longest` beyond. */
export function fullness(text: string, usual: number): 'usual' | 'long' | 'longest' {
  const wide = widths(text);
  if (wide <= usual) return 'usual';
  return wide <= 2 * usual ? 'long' : 'longest';
}
