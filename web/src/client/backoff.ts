// Pauses between tries to connect: short at first, never longer than 7 s, never ending. Pure.

const ladder: readonly number[] = [300, 700, 1500, 3000, 5000, 7000];

/** Longest pause in milliseconds. */
export const pauseMaxMs = 7000;

/** Pause before a link that is not accepted is tried again, in milliseconds: a key that is laid back makes it good, and nothing else does. */
const uselessMs = 60_000;

/** The pause of a page whose link is not accepted, spread like the others. */
export function uselessPauseMs(chance: number): number {
  return uselessMs * (0.5 + chance / 2);
}

/**
 * The pause before try number `attempt` (from 1), in milliseconds. `chance` in [0, 1) spreads it over the upper half of
 * its step, so that two hundred rooms do not come back in one instant; the first may be nearly at once.
 */
export function pauseMs(attempt: number, chance: number): number {
  const step = ladder[Math.min(attempt, ladder.length) - 1] ?? pauseMaxMs;
  return attempt <= 1 ? step * chance : step * (0.5 + chance / 2);
}
