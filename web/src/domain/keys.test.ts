import { describe, expect, it } from 'vitest';
import { readKey, type Stroke } from './keys';

const stroke = (key: string, part: Partial<Stroke> = {}): Stroke => ({
  key,
  code: '',
  ctrl: false,
  shift: false,
  alt: false,
  meta: false,
  repeat: false,
  composing: false,
  field: false,
  control: false,
  ...part,
});
const act = (key: string, part: Partial<Stroke> = {}, on = true) => readKey(stroke(key, part), on)?.act;

describe('keys of the desk', () => {
  it('reads every key that has an act', () => {
    const keys = {
      ' ': 'take',
      h: 'main',
      b: 'slate',
      n: 'next_speaker',
      e: 'end_speech',
      m: 'mute_all',
      r: 'call_on',
      a: 'acknowledge',
      '/': 'search',
      '?': 'keys',
      Enter: 'preview',
      Escape: 'close',
    };
    for (const [key, name] of Object.entries(keys)) expect(act(key)).toBe(name);
    expect(act('?', { shift: true })).toBe('keys');
    expect(readKey(stroke('7'), true)).toEqual({ act: 'favourite', place: 7 });
    expect(readKey(stroke('ArrowUp'), true)).toEqual({ act: 'move', to: 'up' });
  });

  it('takes by Space, Ctrl and Enter, and the keypad', () => {
    expect(act('Enter', { ctrl: true, control: true })).toBe('take');
    expect(act('Enter', { code: 'NumpadEnter', control: true })).toBe('take');
  });

  it('leaves Space, Enter and arrows to a control that has the focus', () => {
    for (const key of [' ', 'Enter', 'ArrowDown']) expect(act(key, { control: true })).toBeUndefined();
  });

  it('does nothing in fields, while composing, with other modifiers, or when off', () => {
    for (const key of [' ', 'h', '1', '/', 'Enter']) {
      expect(act(key, { field: true })).toBeUndefined();
      expect(act(key, { composing: true })).toBeUndefined();
      expect(act(key, { alt: true })).toBeUndefined();
      expect(act(key, { meta: true })).toBeUndefined();
      expect(act(key, {}, false)).toBeUndefined();
    }
    expect(act('m', { ctrl: true })).toBeUndefined();
    expect(act('m', { shift: true })).toBeUndefined();
    expect(act('Escape', {}, false)).toBe('close');
  });

  it('takes once while a key is held down', () => {
    expect(act(' ', { repeat: true })).toBeUndefined();
    expect(act('ArrowDown', { repeat: true })).toBe('move');
  });
});
