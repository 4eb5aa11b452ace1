import { describe, expect, it } from 'vitest';
import { callStep, Hand, holdMs, readKey, type Deed, type Hint, type Stroke } from './keys';

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

/** What deeds say, short: `main`, `hold call_on`, `search ni`. */
const say = (deeds: Deed[] | null): string[] =>
  (deeds ?? []).map((deed) => {
    switch (deed.does) {
      case 'act':
        return deed.act.act;
      case 'search':
        return `search ${deed.text}`;
      case 'nothing':
        return `nothing ${deed.key}`;
      default:
        return `${deed.does} ${deed.act}`;
    }
  });

/** A hand whose clock is turned by the test. */
class Played {
  readonly hand = new Hand();
  now = 1000;

  down(key: string, part: Partial<Stroke> = {}): string[] {
    return say(this.hand.down(stroke(key, part), true, this.now));
  }

  up(key: string): string[] {
    return say(this.hand.up(key, this.now));
  }

  /** Lets time pass, and all that falls due in it happen. */
  wait(ms: number): string[] {
    const end = this.now + ms;
    const said: string[] = [];
    while (this.hand.due !== null && this.hand.due <= end) said.push(...say(this.hand.tick(this.hand.due)));
    this.now = end;
    return said;
  }
}

describe('keys of the desk', () => {
  it('reads every key that is no letter', () => {
    const keys = { ' ': 'take', '/': 'search', '?': 'keys', Enter: 'preview', Escape: 'close' };
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
      for (const part of [{ field: true }, { composing: true }, { alt: true }, { meta: true }])
        expect(new Hand().down(stroke(key, part), true, 0)).toBeNull();
      expect(new Hand().down(stroke(key), false, 0)).toBeNull();
    }
    expect(new Hand().down(stroke('m', { ctrl: true }), true, 0)).toBeNull();
    expect(act('Escape', {}, false)).toBe('close');
  });

  it('takes once while a key is held down', () => {
    expect(act(' ', { repeat: true })).toBeUndefined();
    expect(act('ArrowDown', { repeat: true })).toBe('move');
  });
});

describe('letters', () => {
  it('one that is not held acts 300 ms after its press', () => {
    for (const [key, name] of Object.entries({ h: 'main', n: 'next_speaker', a: 'acknowledge', H: 'main' })) {
      const played = new Played();
      expect(played.down(key)).toEqual([]);
      expect(played.up(key)).toEqual([]);
      expect(played.wait(299)).toEqual([]);
      expect(played.wait(1)).toEqual([name]);
      expect(played.wait(1000)).toEqual([]);
    }
  });

  it('those that open a microphone or cut a speech act when they are held, each its time', () => {
    for (const [key, name] of Object.entries({ r: 'call_on', e: 'end_speech', m: 'mute_all', b: 'slate' } as const)) {
      const played = new Played();
      expect(played.down(key)).toEqual([`hold ${name}`]);
      expect(played.wait(holdMs[name] - 1)).toEqual([]);
      expect(played.down(key, { repeat: true })).toEqual([]);
      expect(played.wait(1)).toEqual([`loose ${name}`, name]);
      expect(played.up(key)).toEqual([]);
      expect(played.wait(1000)).toEqual([]);
    }
  });

  it('one that is let go too early says so, once it is known that nobody types', () => {
    const played = new Played();
    played.down('r');
    played.wait(120);
    expect(played.up('r')).toEqual(['loose call_on']);
    expect(played.wait(180)).toEqual(['tapped call_on']);
    played.down('b');
    played.wait(450);
    expect(played.up('b')).toEqual(['loose slate', 'tapped slate']);
    expect(played.wait(1000)).toEqual([]);
  });

  it('one held long enough has acted, though the clock was asked late', () => {
    const played = new Played();
    played.down('r');
    played.now += 900;
    expect(played.up('r')).toEqual(['loose call_on', 'call_on']);
  });

  it('two within 300 ms are typing and open the search with both; neither acts', () => {
    for (const [first, second] of ['ni', 're', 'em', 'QT', 'bB', 'hm', 'xn'].map((word) => [...word])) {
      const played = new Played();
      played.down(first ?? '');
      played.wait(200);
      expect(played.down(second ?? '').at(-1)).toBe(`search ${first ?? ''}${second ?? ''}`);
      expect(played.wait(5000)).toEqual([]);
    }
  });

  it('two that are 300 ms apart are two keys', () => {
    const played = new Played();
    played.down('h');
    expect(played.wait(300)).toEqual(['main']);
    expect(played.down('n')).toEqual([]);
    expect(played.wait(300)).toEqual(['next_speaker']);
  });

  it('another key takes a hold back, and lets one that is not held act before it', () => {
    const played = new Played();
    played.down('r');
    played.wait(100);
    expect(played.down(' ')).toEqual(['loose call_on', 'take']);
    played.down('n');
    expect(played.down(' ')).toEqual(['next_speaker', 'take']);
    played.down('b');
    played.wait(400);
    expect(played.down('r')).toEqual(['loose slate', 'hold call_on']);
    expect(played.hand.letGo()).toHaveLength(1);
    expect(played.wait(1000)).toEqual([]);
  });

  it('one without an act says that it does nothing, and one with Shift has none', () => {
    const played = new Played();
    played.down('q');
    expect(played.wait(300)).toEqual(['nothing q']);
    played.down('R', { shift: true });
    expect(played.wait(1000)).toEqual(['nothing R']);
  });

  it('random words, typed at any pace without holding, never call, end, mute or show the slate', () => {
    let state = 7;
    const random = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
    for (let word = 0; word < 2000; word += 1) {
      const played = new Played();
      const said: string[] = [];
      for (let at = 0; at < 2 + random(8); at += 1) {
        const key = String.fromCharCode(97 + random(26));
        said.push(
          ...played.down(key),
          ...played.wait(20 + random(200)),
          ...played.up(key),
          ...played.wait(random(600)),
        );
      }
      said.push(...played.wait(1000));
      expect(said.filter((each) => ['call_on', 'end_speech', 'mute_all', 'slate', 'take'].includes(each))).toEqual([]);
    }
  });
});

describe('the call-on key', () => {
  const next = { venue: 'v1', source: 's1' };
  const gone: Hint = { id: 'no_picture' };

  it('calls what stands in NEXT', () => {
    expect(callStep(null, next, null)).toEqual({ does: 'call', ...next });
    expect(callStep({ venue: 'v1', source: null }, next, null)).toEqual({ does: 'call', ...next });
    expect(callStep(next, next, null)).toEqual({ does: 'call', ...next });
  });

  it('loads what is selected first, a venue or another source of the same', () => {
    for (const selection of [
      { venue: 'v2', source: null },
      { venue: 'v1', source: 's2' },
    ]) {
      expect(callStep(selection, next, null)).toEqual({ does: 'load', ...selection });
      expect(callStep(selection, next, gone)).toEqual({ does: 'load', ...selection });
      expect(callStep(selection, null, { id: 'empty' })).toEqual({ does: 'load', ...selection });
    }
  });

  it('does nothing and says why', () => {
    expect(callStep(null, null, { id: 'empty' })).toEqual({ does: 'nothing', why: { id: 'empty' } });
    expect(callStep(null, next, gone)).toEqual({ does: 'nothing', why: gone });
    for (const id of ['link', 'log_shut', 'no_right', 'not_live', 'speech_runs'] as const)
      expect(callStep({ venue: 'v2', source: null }, next, { id })).toEqual({ does: 'nothing', why: { id } });
  });
});
