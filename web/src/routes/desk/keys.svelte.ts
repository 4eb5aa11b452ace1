// What the keys of the desk do. `domain/keys` reads a stroke into an act; here it happens.

import { orderAlarms } from '../../domain/alarms';
import { readKey, type KeyAct, type Stroke } from '../../domain/keys';
import type { Desk } from '../../state/desk.svelte';
import { Hold } from '../../ui/hold.svelte';

/** What of the wall keys move. */
export interface KeyedWall {
  move(to: 'left' | 'right' | 'up' | 'down'): void;
  preview(): void;
  search(): void;
  close(): void;
}

/** The keys of one desk. */
export class DeskKeys {
  /** Takes though no picture comes: space, held. */
  readonly force: Hold;
  /** Shows the slate: B, held. */
  readonly slate: Hold;
  /** The list of keys is open, and no key acts. */
  listed = $state(false);
  readonly #desk: Desk;
  readonly #wall: () => KeyedWall | undefined;

  constructor(desk: Desk, wall: () => KeyedWall | undefined) {
    this.#desk = desk;
    this.#wall = wall;
    this.force = new Hold(1000, () => desk.take());
    this.slate = new Hold(500, () => desk.press('slate', { slate: {} }));
  }

  /** A key went down. */
  readonly down = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return;
    const act = readKey(strokeOf(event, this.listed), this.#desk.keysOn);
    if (!act) return;
    event.preventDefault();
    this.#perform(act);
  };

  /** A key went up. */
  readonly up = (event: KeyboardEvent): void => {
    if (event.key === ' ' || event.key === 'Enter') this.force.cancel();
    if (event.key.toLowerCase() === 'b') this.slate.cancel();
  };

  /** No key is held any more, as far as this page can know. */
  readonly letGo = (): void => {
    this.force.cancel();
    this.slate.cancel();
  };

  #perform(act: KeyAct): void {
    const desk = this.#desk;
    switch (act.act) {
      case 'favourite':
        return desk.favourite(act.place);
      case 'move':
        return this.#wall()?.move(act.to);
      case 'take':
        return this.#take();
      case 'preview':
        return this.#wall()?.preview();
      case 'main':
        return desk.toPreview(desk.main);
      case 'slate':
        return desk.page.live && desk.live ? this.slate.begin() : undefined;
      case 'next_speaker':
        return this.#nextSpeaker();
      case 'end_speech':
        return desk.page.section('call_on')?.running ? desk.press('end_call_on', { end_call_on: {} }) : undefined;
      case 'mute_all':
        return desk.live ? desk.press('mute_all', { mute_all: {} }) : undefined;
      case 'call_on':
        return this.#callOn();
      case 'acknowledge':
        return this.#acknowledge();
      case 'search':
        return this.#wall()?.search();
      case 'keys':
        this.listed = true;
        return;
      case 'close':
        return this.#wall()?.close();
    }
  }

  #take(): void {
    const desk = this.#desk;
    if (!desk.page.live) return;
    if (desk.takeBar === null) desk.take();
    else if (desk.takeBar === 'no_picture') this.force.begin();
  }

  #callOn(): void {
    const desk = this.#desk;
    const at = desk.selection;
    const source = at ? (at.source ?? desk.directory.venue.get(at.venue)?.sources[0]?.id ?? null) : null;
    if (at && desk.pictured(source)) desk.callOn(at.venue, at.source);
  }

  #nextSpeaker(): void {
    const { page } = this.#desk;
    const request = page.section('queue')?.requests.find((entry) => !entry.speaking);
    const pictured = request && page.venue(request.venue)?.sources.some((source) => source.live);
    if (request && pictured) this.#desk.give(request.request, request.venue, request.person);
  }

  #acknowledge(): void {
    const desk = this.#desk;
    const alarms = orderAlarms(desk.page.section('alarms')?.alarms ?? [], desk.state);
    const top = alarms.find((alarm) => !desk.acknowledged.has(alarm.id));
    if (top) desk.acknowledged.add(top.id);
  }
}

function strokeOf(event: KeyboardEvent, listed: boolean): Stroke {
  const at = event.target instanceof Element ? event.target : null;
  const within = (selector: string): boolean => at !== null && at.closest(selector) !== null;
  return {
    key: event.key,
    code: event.code,
    ctrl: event.ctrlKey,
    shift: event.shiftKey,
    alt: event.altKey,
    meta: event.metaKey,
    repeat: event.repeat,
    composing: event.isComposing || event.keyCode === 229,
    field: listed || within('input, textarea, select, [contenteditable]'),
    control: within('button, a[href], [role="gridcell"], [role="rowheader"], [tabindex="0"]'),
  };
}
