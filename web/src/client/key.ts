// Keys of commands: 26 characters of Crockford's base 32, time first, so that a log sorts by them. Pure.

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A key from the time (milliseconds since the epoch) and sixteen random bytes. */
export function commandKey(at: number, random: Uint8Array): string {
  let key = '';
  let rest = Math.floor(at);
  for (let i = 0; i < 10; i++) {
    key = (digits[rest % 32] ?? '0') + key;
    rest = Math.floor(rest / 32);
  }
  for (const byte of random.subarray(0, 16)) key += digits[byte % 32] ?? '0';
  return key;
}
