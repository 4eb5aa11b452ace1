// Keys of the desk. A stroke is read into an act or into nothing; the browser's part only fills the stroke in.

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
  /** Focus is in a field, or in a dialog. */
  readonly field: boolean;
  /** Focus is on a control that the key itself would press. */
  readonly control: boolean;
}

/** What a key does. */
export type KeyAct =
  | { readonly act: 'favourite'; readonly place: number }
  | { readonly act: 'move'; readonly to: 'left' | 'right' | 'up' | 'down' }
  | {
      readonly act:
        | 'take'
        | 'preview'
        | 'main'
        | 'slate'
        | 'next_speaker'
        | 'end_speech'
        | 'mute_all'
        | 'call_on'
        | 'acknowledge'
        | 'search'
        | 'keys'
        | 'close';
    };

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

/** Reads a stroke. `on` is the footer's switch; the list of keys and closing work without it. */
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
  if (stroke.key === '/') return { act: 'search' };
  return letters[stroke.key.toLowerCase()] ?? null;
}

/** A line of the list of keys. */
export interface KeyLine {
  readonly caps: readonly string[];
  /** Message id part: `desk-key-…`. */
  readonly id: string;
}
