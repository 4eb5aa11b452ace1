// Every screen in every phase, in both languages and on every width that it serves: nothing is cut, nothing lies under something else.

import { overlaps } from './support/boxes';
import { axe, clipped, cut, deskSizes, expect, look, nextFrame, saysLost, test, type Surface } from './support/test';

const desk = [
  'waiting',
  'far',
  'watching',
  'air',
  'call',
  'last-minute',
  'queue',
  'slate',
  'bad',
  'many-lost',
  'lost',
  'ended',
];
const room = [
  'waiting',
  'watching',
  'next',
  'air',
  'call',
  'over',
  'slate',
  'held',
  'dropped',
  'camera-refused',
  'lost',
  'ended',
];

const screens = [
  ['desk', desk, [1280, 1366, 1920, 2560]],
  ['tech', room, [390, 768, 1024, 1366, 1920, 2560]],
  ['hall', room, [1280, 1920, 2560]],
  ['watch', ['waiting', 'watching', 'call', 'slate', 'lost', 'ended'], [390, 768, 1280, 1366, 1920, 2560]],
] as const;

/** Height of a window of that width: telephones and tablets stand, the others lie. */
const height = (width: number) =>
  width < 600 ? 844 : width <= 1024 || width === 1366 ? 768 : Math.round((width * 9) / 16);

for (const branches of [2, 8, 24, 131]) {
  for (const lang of ['zh-CN', 'en'] as const) {
    test(`the card of a venue among ${String(branches)} holds all of its controls, ${lang}`, async ({
      stage,
      page,
    }) => {
      await stage.open('desk', 'watching', { lang, branches });
      for (const [width, height] of deskSizes) {
        await page.setViewportSize({ width, height });
        await page.locator('[data-cell="v:v002"]').click();
        await expect(page.locator('[data-card-venue=v002]')).toBeVisible();
        const at = `at ${String(width)} px`;
        for (const act of ['call-on', 'speaker', 'limit', 'pin', 'open-floor'])
          await expect.soft(page.locator(`.card [data-act=${act}]`), `${act} ${at}`).toBeInViewport({ ratio: 0.99 });
        // Over a wall that is full the card lies over chips, at its lower right.
        if (branches < 131) {
          expect.soft(await cut(page), at).toEqual([]);
          expect.soft(await overlaps(page), at).toEqual([]);
        }
        await look(page, `fit/card-${String(branches)}-${lang}-${String(width)}`);
      }
    });
  }
}

// One page for all phases of a screen: a page of its own costs each of them more than all that is looked at on it.
for (const [surface, scenarios, widths] of screens) {
  for (const lang of ['zh-CN', 'en'] as const) {
    test(`${surface}, ${lang}: all words are whole in every phase at every width, and axe finds nothing`, async ({
      stage,
      page,
    }) => {
      for (const scenario of scenarios) {
        await stage.open(surface satisfies Surface, scenario, { lang });
        if (scenario === 'lost') await saysLost(page);
        for (const width of widths) {
          await page.setViewportSize({ width, height: height(width) });
          // Words follow the width by a media query that scripts hear in the next frame.
          await nextFrame(page);
          const at = `${scenario} at ${String(width)} px`;
          expect.soft(await clipped(page), at).toEqual([]);
          expect.soft(await cut(page), at).toEqual([]);
          if (surface === 'desk') expect.soft(await overlaps(page), at).toEqual([]);
          await look(page, `fit/${surface}-${scenario}-${lang}-${String(width)}`);
        }
        expect.soft(await axe(page), scenario).toEqual([]);
      }
    });
  }
}
