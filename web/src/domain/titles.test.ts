import { expect, test } from 'vitest';
import { fullness, lineBreaks, oneLine, widths } from './titles';

test('a title breaks where it was broken, and is one line where there is room for one', () => {
  expect(lineBreaks('云州省贯彻落实会议精神\n电视电话会议')).toEqual(['云州省贯彻落实会议精神', '电视电话会议']);
  expect(oneLine('Annual meeting \n\nof 2027')).toBe('Annual meeting of 2027');
  expect([lineBreaks(''), oneLine('')]).toEqual([[], '']);
});

test('a Han character is as wide as two Latin ones', () => {
  expect([widths('会场'), widths('hall'), widths('第3会场'), widths('\u{20000}')]).toEqual([2, 2, 3.5, 1]);
});

test('a text is as full as it is wide', () => {
  expect(['一'.repeat(20), 'a'.repeat(41), '一'.repeat(41)].map((text) => fullness(text, 20))).toEqual([
    'usual',
    'long',
    'longest',
  ]);
});
