// What the keys of the desk do. `domain/keys` reads strokes into deeds; here they happen.

import { firstUnseen } from '../../domain/alarms';
import { Hand, holdMs, type Deed, type HeldAct, type KeyAct, type Stroke } from '../../domain/keys';
import type { Desk } from '../../state/desk.svelte';
import { Hold } from '../../ui/hold.svelte';
import { DeskFocus, within } from './focus.svelte';

/** What of the wall keys move. */
export interface KeyedWall {
  move(to: 'left' | 'right' | 'up' | 'down'): void;
  preview(): void;
  /** Opens the search; with text, that is what it looks for. */
  search(text?: string): void;
  /** Closes what is open; false if nothing was. */
  close(): boolean;
}

/** The keys of one desk. */
export class DeskKeys {
  /** Takes though no picture comes: space, held. */
  readonly force: Hold;
  /** Shows the slate: B, held. */
  readonly slate: Hold;
  readonly focus = new DeskFocus();
  /** The list of keys is open, and no key acts. */
  listed = $state(false);
  readonly #desk: Desk;
  readonly #wall: () => KeyedWall | undefined;
  readonly #hand = new Hand();
  /** When the key went down that is being read; a page that is slow reads it later. */
  #pressedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What a letter that is held stood for when it went down. */
  #meant: { readonly act: HeldAct; readonly what: string } | undefined;

  constructor(desk: Desk, wall: () => KeyedWall | undefined) {
    this.#desk = desk;
    this.#wall = wall;
    this.force = new Hold(1000, () => desk.take(), {
      what: () => desk.preview,
      changed: () => this.#changed('take'),
    });
    this.slate = new Hold(holdMs.slate, () => this.#slate());
  }

  /** A key went down. */
  readonly down = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return;
    this.#pressedAt = event.timeStamp;
    const at = this.focus.givenUp(event) ? document.body : event.target;
    const deeds = this.#hand.down(strokeOf(event, at, this.listed), this.#desk.keysOn, event.timeStamp);
    if (!deeds) return;
    event.preventDefault();
    this.#do(deeds);
  };

  /** A key went up. */
  readonly up = (event: KeyboardEvent): void => {
    if ((event.key === ' ' || event.key === 'Enter') && this.force.cancel()) {
      this.#desk.say('take', { id: 'no_picture', name: this.#desk.sourceShort(this.#desk.preview) });
    }
    this.#do(this.#hand.up(event.key, event.timeStamp));
  };

  /** No key is held any more, as far as this page can know. */
  readonly letGo = (): void => {
    this.force.cancel();
    this.#do(this.#hand.letGo());
  };

  /** Nothing waits any more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #do(deeds: readonly Deed[]): void {
    for (const deed of deeds) this.#deed(deed);
    clearTimeout(this.#timer);
    const { due } = this.#hand;
    if (due === null) return;
    this.#timer = setTimeout(() => this.#do(this.#hand.tick(performance.now())), Math.max(1, due - performance.now()));
  }

  #deed(deed: Deed): void {
    const desk = this.#desk;
    switch (deed.does) {
      case 'act':
        return this.#asMeant(deed.act) ? this.#perform(deed.act) : this.#changed(deed.act.act);
      case 'search':
        return this.#wall()?.search(deed.text);
      case 'hold':
        return this.#held(deed.act);
      case 'loose':
        if (deed.act === 'slate') this.slate.holding = false;
        return;
      case 'tapped':
        return desk.say(spots[deed.act], {
          id: 'tapped',
          name: deed.key.toUpperCase(),
          count: holdMs[deed.act] / 1000,
        });
      case 'nothing':
        return desk.say('key', { id: 'no_act', name: deed.key.toUpperCase() });
    }
  }

  /** Held and not yet long enough: the slate's button fills, and a call-on says what it will close. */
  #held(act: HeldAct): void {
    const desk = this.#desk;
    this.#meant = { act, what: this.#what(act) };
    if (act === 'slate') this.slate.holding = desk.page.live && desk.live;
    const closes = act === 'call_on' && desk.next ? desk.closing('closes', desk.next.venue) : undefined;
    if (closes) desk.say('call_on', closes);
  }

  /** Whom an act is about now: what it would call, or whose speech it would end. */
  #what(act: KeyAct['act']): string {
    if (act === 'call_on') return JSON.stringify(this.#desk.callStep);
    return act === 'end_speech' ? JSON.stringify(this.#desk.page.section('call_on')?.running) : '';
  }

  /** What was held is still about the same; what is pressed at once always is. */
  #asMeant({ act }: KeyAct): boolean {
    const meant = this.#meant;
    this.#meant = undefined;
    return meant?.act !== act || meant.what === this.#what(act);
  }

  /** Another desk, or the meeting, changed what the hold was about: it does nothing, and says so. */
  #changed(act: KeyAct['act']): void {
    const desk = this.#desk;
    if (act === 'end_speech') {
      const speaks = desk.page.section('call_on')?.running?.venue;
      if (speaks === undefined) return desk.say('end_call_on', { id: 'nobody_speaks' });
      return desk.say('end_call_on', { id: 'next_changed', name: desk.venueName(speaks) });
    }
    if (desk.preview === null) return desk.say(act, { id: 'empty' });
    desk.say(act, { id: 'next_changed', name: desk.sourceShort(desk.preview) });
  }

  #perform(act: KeyAct): void {
    const desk = this.#desk;
    const wall = this.#wall();
    switch (act.act) {
      case 'favourite':
        return desk.favourite(act.place);
      case 'move':
        return wall?.move(act.to);
      case 'take':
        return this.#take();
      case 'preview':
        return wall?.preview();
      case 'main':
        return desk.toPreview(desk.main);
      case 'slate':
        return this.#slate();
      case 'next_speaker':
        return desk.nextSpeaker();
      case 'end_speech':
        return this.#endSpeech();
      case 'mute_all':
        return desk.live ? desk.press('mute_all', { mute_all: {} }) : desk.say('mute_all', { id: 'not_live' });
      case 'call_on':
        return desk.callNext();
      case 'acknowledge':
        return this.#acknowledge();
      case 'search':
        return wall?.search();
      case 'keys':
        this.listed = true;
        return;
      case 'close':
        if (!wall?.close()) this.focus.leave();
        return;
    }
  }

  #take(): void {
    const desk = this.#desk;
    const bar = desk.page.live ? desk.takeBar : 'link';
    if (bar === null) desk.take(this.#pressedAt);
    else if (bar === 'no_picture') this.force.begin();
    else desk.say('take', { id: bar });
  }

  #slate(): void {
    const desk = this.#desk;
    if (desk.live) desk.press('slate', { slate: {} });
    else desk.say('slate', { id: 'not_live' });
  }

  #endSpeech(): void {
    const desk = this.#desk;
    if (desk.page.section('call_on')?.running) desk.press('end_call_on', { end_call_on: {} });
    else desk.say('end_call_on', { id: 'nobody_speaks' });
  }

  #acknowledge(): void {
    const desk = this.#desk;
    const top = firstUnseen(desk.alarms);
    if (top) desk.acknowledge(top.id);
    else desk.say('acknowledge', { id: 'no_alarm' });
  }
}

/** The control that a held letter stands for, as the remark line names it. */
const spots: Readonly<Record<HeldAct, string>> = {
  call_on: 'call_on',
  end_speech: 'end_call_on',
  mute_all: 'mute_all',
  slate: 'slate',
};

function strokeOf(event: KeyboardEvent, at: EventTarget | null, listed: boolean): Stroke {
  return {
    key: event.key,
    code: event.code,
    ctrl: event.ctrlKey,
    shift: event.shiftKey,
    alt: event.altKey,
    meta: event.metaKey,
    repeat: event.repeat,
    composing: event.isComposing || event.keyCode === 229,
    field: listed || within(at, 'field') || within(at, 'own'),
    control: within(at, 'control'),
  };
}
