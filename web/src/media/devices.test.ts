import { expect, test } from 'vitest';
import { faultOf } from './devices';

test('a camera is refused, missing or in use by what the browser says', () => {
  const of = (...names: (string | undefined)[]) => names.map(faultOf);
  expect(of('NotAllowedError', 'SecurityError', undefined)).toEqual(['refused', 'refused', 'refused']);
  expect(of('NotFoundError', 'OverconstrainedError')).toEqual(['missing', 'missing']);
  expect(of('NotReadableError', 'AbortError')).toEqual(['in_use', 'in_use']);
});
