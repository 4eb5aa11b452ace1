// Boxes of the desk compared: what lies over what, and what lies outside.

import type { Page } from '@playwright/test';

/** Controls and names that lie over one another or outside the page, as far as they are seen. */
export async function overlaps(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const blocks =
      '.top > *, .foot > *, .rail > *, .bus > *, .wallbar > *, .mon > header > *, .mon > footer > *, .acts > *';
    const names = 'button, select, input, [data-cell], .to, .card :is(.name, .tier, .tech, dt, dd), .place';
    const frame = document.querySelector('.page')?.getBoundingClientRect() ?? new DOMRect();
    // What an element that scrolls or clips cuts off is not seen.
    const seen = (one: Element): DOMRect => {
      let { left, top, right, bottom } = one.getBoundingClientRect();
      for (let over = one.parentElement; over; over = over.parentElement) {
        if (getComputedStyle(over).overflow === 'visible' || over.matches('html, body')) continue;
        const room = over.getBoundingClientRect();
        [left, top] = [Math.max(left, room.left), Math.max(top, room.top)];
        [right, bottom] = [Math.min(right, room.right), Math.min(bottom, room.bottom)];
      }
      return new DOMRect(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
    };
    const label = (one: Element) =>
      `${one.tagName}.${one.className} ${one.getAttribute('data-act') ?? ''} ${one.textContent.trim().slice(0, 24)}`;
    const parts = [...document.querySelectorAll(`${blocks}, ${names}`)]
      .filter((one) => !one.matches('.vh, .lost, .vh *') && getComputedStyle(one).visibility !== 'hidden')
      .map((one) => ({ one, at: seen(one) }))
      .filter(({ at }) => at.width > 0 && at.height > 0);
    const outside = parts.filter(({ one }) => {
      const { right, bottom, left } = one.getBoundingClientRect();
      return one.matches(blocks) && (right > frame.right + 1 || bottom > frame.bottom + 1 || left < frame.left - 1);
    });
    const over = parts.flatMap(({ one, at: a }, index) =>
      parts
        .slice(index + 1)
        .filter(
          ({ one: other, at: b }) =>
            !one.contains(other) &&
            !other.contains(one) &&
            a.right > b.left + 1 &&
            b.right > a.left + 1 &&
            a.bottom > b.top + 1 &&
            b.bottom > a.top + 1,
        )
        .map(({ one: other }) => `${label(one)} and ${label(other)} lie over one another`),
    );
    return [...outside.map(({ one }) => `${label(one)} lies outside`), ...over];
  });
}
