// Keys of the desk. A stroke is read into an act or into nothing, and letters wait until it is known what they are: typing, a
// tap, or held. The browser's part only fills the strokes in and tells the time.

/** A press of a key, as the shell sees it. */
export interface Stroke {
  readonly key: string;
  readonly code: string;
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
  readonly meta: boolean;
  readonly repeat: boolean;
  /** An input method composes. */
  readonly composing: boolean;
  /** Focus is in a field, a question, a drawer or a dialog: all keys are its own. */
  readonly field: boolean;
  /** Focus came by Tab or arrows to a control that the key itself would press. */
  readonly control: boolean;
}

/** What a letter does when it is held. */
export type HeldAct = 'call_on' | 'end_speech' | 'mute_all' | 'slate';

/** What a key does. */
export type KeyAct =
  | { readonly act: 'favourite'; readonly place: number }
  | { readonly act: 'move'; readonly to: 'left' | 'right' | 'up' | 'down' }
  | {
      readonly act:
        HeldAct | 'take' | 'preview' | 'main' | 'next_speaker' | 'acknowledge' | 'search' | 'keys' | 'close';
    };

/** Milliseconds within which two letters are typing, and after which one alone acts. */
export const typingMs = 300;

/** Milliseconds for which a letter is held until it acts. */
export const holdMs: Readonly<Record<HeldAct, number>> = { call_on: 300, end_speech: 300, mute_all: 300, slate: 500 };

/** Milliseconds between two takes: a key that bounces takes once. */
export const takeRestMs = 300;

const letters: Readonly<Record<string, KeyAct>> = {
  h: { act: 'main' },
  b: { act: 'slate' },
  n: { act: 'next_speaker' },
  e: { act: 'end_speech' },
  m: { act: 'mute_all' },
  r: { act: 'call_on' },
  a: { act: 'acknowledge' },
};

const arrows: Readonly<Record<string, KeyAct>> = {
  ArrowLeft: { act: 'move', to: 'left' },
  ArrowRight: { act: 'move', to: 'right' },
  ArrowUp: { act: 'move', to: 'up' },
  ArrowDown: { act: 'move', to: 'down' },
};

/** Reads a stroke that is no letter. `on` is the footer's switch; closing works without it. */
export function readKey(stroke: Stroke, on: boolean): KeyAct | null {
  if (stroke.composing || stroke.field || stroke.alt || stroke.meta || (stroke.repeat && !(stroke.key in arrows))) {
    return null;
  }
  if (stroke.key === 'Escape') return { act: 'close' };
  if (!on) return null;
  if (stroke.code === 'NumpadEnter' || (stroke.key === 'Enter' && stroke.ctrl)) return { act: 'take' };
  if (stroke.ctrl) return null;
  if (stroke.key === '?') return { act: 'keys' };
  if (stroke.shift) return null;
  if (stroke.key === ' ') return stroke.control ? null : { act: 'take' };
  if (stroke.key === 'Enter') return stroke.control ? null : { act: 'preview' };
  if (stroke.key in arrows) return stroke.control ? null : (arrows[stroke.key] ?? null);
  if (/^[1-9]$/.test(stroke.key)) return { act: 'favourite', place: Number(stroke.key) };
  return stroke.key === '/' ? { act: 'search' } : null;
}

/** What comes of keys. */
export type Deed =
  | { readonly does: 'act'; readonly act: KeyAct }
  /** Two letters in a row: the search opens with them. */
  | { readonly does: 'search'; readonly text: string }
  /** A letter that is held went down; it is over, whether it acted or not. */
  | { readonly does: 'hold' | 'loose'; readonly act: HeldAct }
  /** It was let go too early, and nothing else was typed. */
  | { readonly does: 'tapped'; readonly act: HeldAct; readonly key: string }
  /** A letter without an act. */
  | { readonly does: 'nothing'; readonly key: string };

/** A letter that waits. */
interface Waiting {
  readonly key: string;
  readonly act: KeyAct | null;
  readonly held: HeldAct | null;
  readonly at: number;
  down: boolean;
}

/** The hand on the keys. Times are milliseconds of one clock. */
export class Hand {
  #waiting: Waiting | null = null;

  /** When `tick` has something to do; null while no letter waits. */
  get due(): number | null {
    const letter = this.#waiting;
    if (!letter) return null;
    return letter.at + (letter.held && letter.down ? holdMs[letter.held] : typingMs);
  }

  /** A key went down. Null if it is none of the desk's. */
  down(stroke: Stroke, on: boolean, now: number): Deed[] | null {
    if (on && isLetter(stroke)) return stroke.repeat ? [] : this.#letter(stroke, now);
    const act = readKey(stroke, on);
    return act && [...this.#overtaken(), { does: 'act', act }];
  }

  /** A key went up. */
  up(key: string, now: number): Deed[] {
    const letter = this.#waiting;
    if (!letter?.held || letter.key.toLowerCase() !== key.toLowerCase()) return [];
    const deeds = this.tick(now);
    if (this.#waiting === null) return deeds;
    letter.down = false;
    return [{ does: 'loose', act: letter.held }, ...this.tick(now)];
  }

  /** Time has passed. */
  tick(now: number): Deed[] {
    const letter = this.#waiting;
    if (!letter || now < (this.due ?? Infinity)) return [];
    this.#waiting = null;
    if (!letter.act) return [{ does: 'nothing', key: letter.key }];
    if (!letter.held) return [{ does: 'act', act: letter.act }];
    if (!letter.down) return [{ does: 'tapped', act: letter.held, key: letter.key }];
    return [
      { does: 'loose', act: letter.held },
      { does: 'act', act: letter.act },
    ];
  }

  /** The page lost the keyboard: nothing is held any more, as far as it can know. */
  letGo(): Deed[] {
    const letter = this.#waiting;
    this.#waiting = null;
    return letter?.held && letter.down ? [{ does: 'loose', act: letter.held }] : [];
  }

  #letter(stroke: Stroke, now: number): Deed[] {
    const before = this.#waiting;
    if (before && now - before.at < typingMs) {
      return [...this.letGo(), { does: 'search', text: before.key + stroke.key }];
    }
    const deeds = this.#overtaken();
    const act = stroke.shift ? null : (letters[stroke.key.toLowerCase()] ?? null);
    const held = act && act.act in holdMs ? (act.act as HeldAct) : null;
    this.#waiting = { key: stroke.key, act, held, at: now, down: true };
    return held ? [...deeds, { does: 'hold', act: held }] : deeds;
  }

  /** Another key came: a letter that is not held acts before it, one that is held does not act. */
  #overtaken(): Deed[] {
    const letter = this.#waiting;
    if (letter?.held || !letter?.act) return this.letGo();
    this.#waiting = null;
    return [{ does: 'act', act: letter.act }];
  }
}

function isLetter(stroke: Stroke): boolean {
  const { composing, field, ctrl, alt, meta } = stroke;
  return !(composing || field || ctrl || alt || meta) && /^\p{L}$/u.test(stroke.key);
}

/** Why a key or a press did nothing, or what it did beside. */
export type HintId =
  // What bars a take, and acts in general.
  | 'link'
  | 'log_shut'
  | 'no_right'
  | 'not_live'
  | 'empty'
  | 'no_picture'
  | 'on_air'
  | 'busy'
  | 'rest'
  | 'next_changed'
  // Of single keys.
  | 'tapped'
  | 'no_act'
  | 'no_favourite'
  | 'no_selection'
  | 'nobody_waits'
  | 'nobody_speaks'
  | 'speech_runs'
  | 'no_alarm'
  | 'none_found'
  // What was done, or would be.
  | 'loaded'
  | 'closes'
  | 'closed';

/** A line about a press that sent nothing, or more than its name says. */
export interface Hint {
  readonly id: HintId;
  /** Whom or what it is about. */
  readonly name?: string;
  readonly count?: number;
}

/** Hints about what was done, or would be; the others say why nothing was. */
export const telling: readonly HintId[] = ['loaded', 'closes', 'closed'];

/** A source with its venue. */
export interface Placed {
  readonly venue: string;
  readonly source: string;
}

/** What the call-on key does: what is selected comes to NEXT first, and what stands in NEXT is called. */
export type CallStep =
  | { readonly does: 'load'; readonly venue: string; readonly source: string | null }
  | ({ readonly does: 'call' } & Placed)
  | { readonly does: 'nothing'; readonly why: Hint };

/** Bars that hold whatever stands in NEXT. */
const general: readonly HintId[] = ['link', 'log_shut', 'no_right', 'not_live', 'speech_runs'];

/** Reads selection, NEXT, and what bars a call of NEXT, into the step. */
export function callStep(
  selection: { readonly venue: string; readonly source: string | null } | null,
  next: Placed | null,
  bar: Hint | null,
): CallStep {
  if (bar && general.includes(bar.id)) return { does: 'nothing', why: bar };
  if (selection && (selection.venue !== next?.venue || (selection.source ?? next.source) !== next.source)) {
    return { does: 'load', ...selection };
  }
  if (bar) return { does: 'nothing', why: bar };
  return next ? { does: 'call', ...next } : { does: 'nothing', why: { id: 'empty' } };
}
