// Hands on the desk, and a judge of what they did: every command that the desk sent is held against what was pressed.

import { expect, type Locator, type Page } from '@playwright/test';
import { takeRestMs } from '../../src/domain/keys';

/** Holds a key until an attribute is what it should be, and lets it go. */
export async function hold(page: Page, key: string, where: Locator, [name, value]: [string, string]): Promise<void> {
  await page.keyboard.down(key);
  await expect(where, `${key} held`).toHaveAttribute(name, value);
  await page.keyboard.up(key);
}

type Act = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** How the desk stood when something was pressed. */
interface Standing {
  /** Source in NEXT. */
  readonly next: string;
  /** TAKE is armed. */
  readonly armed: boolean;
}

/** What of a desk is pressed: one control of each kind. */
export interface Control {
  readonly kind: string;
  /** What it is called for who does not see it. */
  readonly name: string;
  readonly mark: number;
}

/** What answers a question that was asked. */
const answers: readonly string[] = ['start-confirm', 'end-confirm'];

/** A desk under the judge's eyes. */
export class JudgedDesk {
  readonly page: Page;
  /** Short names of venues, by id. */
  readonly names: ReadonlyMap<string, string>;

  private constructor(page: Page, names: ReadonlyMap<string, string>) {
    this.page = page;
    this.names = names;
  }

  /** Watches a page that is not opened yet: what it sends is noted in the page itself, so that nothing is told late. */
  static async watch(page: Page, names: ReadonlyMap<string, string>): Promise<JudgedDesk> {
    await page.addInitScript(() => {
      const frames: string[] = [];
      const press = { down: 0, longest: 0, take: -Infinity };
      addEventListener('keydown', () => (press.down = performance.now()), { capture: true });
      addEventListener('keyup', () => (press.longest = Math.max(press.longest, performance.now() - press.down)), {
        capture: true,
      });
      const send = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'send')?.value as (data: unknown) => void;
      Object.assign(window, { frames, press });
      WebSocket.prototype.send = function (this: WebSocket, data: unknown) {
        if (typeof data === 'string') {
          frames.push(data);
          if (data.includes('"take"')) press.take = performance.now();
        }
        send.call(this, data);
      };
    });
    return new JudgedDesk(page, names);
  }

  /** Presses a control with the mouse and then Space; what was wrong with either. */
  async pressThenSpace(control: Control): Promise<string[]> {
    await this.#told();
    const before = await this.stand();
    await this.#press(control);
    const faults = judge(control, before, await this.#told(), this.names);
    return [...faults, ...(await this.space(`${control.kind}, then Space`))];
  }

  /** Presses Space, which is TAKE unless a field or a dialog has the focus, or the keys are off; what was wrong with it. */
  async space(what: string): Promise<string[]> {
    const own = await this.page.evaluate(
      () =>
        document.querySelector('dialog[open], .page[data-keys=off]') !== null ||
        document.activeElement?.matches('input, select') === true,
    );
    // Two takes in a row are one: who took is let rest, by the clock of the page.
    await this.page.waitForFunction((rest) => {
      const { press } = window as unknown as { press: { take: number } };
      return performance.now() - press.take > rest;
    }, takeRestMs);
    await this.#told();
    const before = await this.stand();
    await this.page.keyboard.press('Space');
    const told = await this.#told();
    const takes = told.filter((act) => 'take' in act);
    const faults = judge({ kind: 'take', name: '', mark: 0 }, before, told, this.names).map(
      (said) => `${what}: ${said}`,
    );
    if (told.length > takes.length) faults.push(`${what}: Space sent ${JSON.stringify(told)}`);
    if (before.armed && !own && takes.length !== 1) faults.push(`${what}: TAKE was armed, and Space was not TAKE`);
    return faults;
  }

  /** How long the longest press of a key since the last call was for the page, in milliseconds: a slow machine makes holds of presses. */
  async longestPress(): Promise<number> {
    return this.page.evaluate(() => {
      const { press } = window as unknown as { press: { longest: number } };
      const { longest } = press;
      press.longest = 0;
      return longest;
    });
  }

  /** Does something, and tells what the desk sent in it. */
  async sent(does: () => Promise<void>): Promise<Act[]> {
    await this.#told();
    await does();
    return this.#told();
  }

  /** Presses a key on a control that Tab went to; what was wrong with it. */
  async key(control: Control, key: string): Promise<string[]> {
    const before = await this.stand();
    const told = await this.sent(() => this.page.keyboard.press(key));
    return judge(control, before, told, this.names).map((said) => `${key}: ${said}`);
  }

  /** Waits until the desk shows something, and looks at every frame: an assertion of Playwright rests for longer between two looks each time. */
  async shows(what: string): Promise<void> {
    await this.page.waitForFunction((what) => document.querySelector(what) !== null, what, { timeout: 60_000 });
  }

  /** Turns the keys on, and lists every venue by place. */
  async resetLists(): Promise<void> {
    await this.page.evaluate(() => {
      const one = (what: string) => document.querySelector<HTMLElement>(what);
      if (one('.page')?.dataset['keys'] === 'off') one('[data-act=keys-switch]')?.click();
      const search = one('[data-act=search]');
      if (search instanceof HTMLInputElement && search.value) {
        search.value = '';
        search.dispatchEvent(new InputEvent('input', { bubbles: true }));
      }
      for (const act of ['filter-all', 'order-place']) one(`[data-act=${act}]`)?.click();
    });
  }

  /** How the desk stands. */
  async stand(): Promise<Standing> {
    return this.page.evaluate(() => ({
      next: document.querySelector<HTMLElement>('[data-slot=preview].mon')?.dataset['source'] ?? '',
      armed: document.querySelector('[data-act=take]')?.hasAttribute('aria-disabled') === false,
    }));
  }

  /** One control of each kind that can be seen now. */
  async controls(): Promise<Control[]> {
    return this.page.evaluate(() => {
      const all = document.querySelectorAll<HTMLElement>(
        'button, a[href], select, input, [role=grid] [data-cell], ol[tabindex="0"], label, [data-alarm]',
      );
      const seen = new Map<string, { kind: string; name: string; mark: number }>();
      for (const [mark, element] of [...all].entries()) {
        element.dataset['mark'] = String(mark);
        const { act, cell } = element.dataset;
        const kind = cell
          ? `cell ${cell[0] ?? ''} ${element.dataset['state'] ?? ''}`
          : (act?.replace(/-\d+$/, '') ?? `${element.localName} ${element.className.split(' ')[0] ?? ''}`);
        const name = element.getAttribute('aria-label') ?? element.textContent.trim();
        if (element.checkVisibility() && !seen.has(kind)) seen.set(kind, { kind, name, mark });
      }
      return [...seen.values()];
    });
  }

  /** The control that has the focus; null if none has. */
  async focused(): Promise<Control | null> {
    return this.page.evaluate(() => {
      const at = document.activeElement;
      if (!(at instanceof HTMLElement) || at === document.body) return null;
      const walked = at.dataset['walked'];
      at.dataset['walked'] = 'yes';
      const kind = at.dataset['act'] ?? at.dataset['cell'] ?? at.localName;
      return { kind, name: at.getAttribute('aria-label') ?? at.textContent.trim(), mark: walked ? -1 : 0 };
    });
  }

  async #press({ mark }: Control): Promise<void> {
    const control = this.page.locator(`[data-mark="${String(mark)}"]`).first();
    await control.scrollIntoViewIfNeeded({ timeout: 2000 }).catch(() => undefined);
    const box = await control.boundingBox({ timeout: 2000 }).catch(() => null);
    if (box) await this.page.mouse.click(box.x + box.width / 2, box.y + Math.min(box.height / 2, 12));
  }

  /** What the desk sent since it was asked last, once all of it is answered. */
  async #told(): Promise<Act[]> {
    await this.shows('body:not(:has([data-press=busy]))');
    const frames = await this.page.evaluate(() => (window as unknown as { frames: string[] }).frames.splice(0));
    return frames
      .map((text) => JSON.parse(text) as { k: string; do?: Act })
      .flatMap((frame) => (frame.k === 'cmd' && frame.do ? [frame.do] : []));
  }
}

/** What commands did that the control pressed does not say. */
function judge(
  { kind, name }: Control,
  { next }: Standing,
  told: readonly Act[],
  names: ReadonlyMap<string, string>,
): string[] {
  return told.flatMap((act) => {
    const said = `${kind} (${name}) sent ${JSON.stringify(act)}`;
    const named = (venue: unknown): boolean => typeof venue === 'string' && name.includes(names.get(venue) ?? '\0');
    if ('take' in act) return kind === 'take' && act['take']?.['expect_preview'] === next ? [] : [said];
    if ('call_on' in act) return named(act['call_on']?.['venue']) ? [] : [said];
    if ('open_floor' in act) return named(act['open_floor']?.['venue']) ? [] : [said];
    if ('start' in act || 'end' in act) return answers.includes(kind) ? [] : [said];
    return 'slate' in act ? [said] : [];
  });
}
