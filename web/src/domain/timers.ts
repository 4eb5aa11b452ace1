// Times as screens say them. All in ms of the server's clock; nothing here reads a clock.

/** `0:24`, `12:05`, `1:02:03`. Never negative. */
export function span(ms: number): string {
  const all = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `00:24`, `12:05`, `1:02:03`: for times that stand alone and must not change their width at ten minutes. */
export function wide(ms: number): string {
  const text = span(ms);
  return text.length === 4 ? `0${text}` : text;
}

/** Time of day `09:42:05`, in a zone of so many minutes east of Greenwich. */
export function clock(at: number, east_min: number): string {
  const local = Math.floor(at / 1000) + east_min * 60;
  const s = ((local % 86_400) + 86_400) % 86_400;
  return `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** Time of day `09:42`. */
export function hourMinute(at: number, east_min: number): string {
  return clock(at, east_min).slice(0, 5);
}

/** A moment by ISO 8601, in a zone of so many minutes east of Greenwich: `2026-11-27T09:42:05+08:00`. */
export function isoTime(at: number, east_min: number): string {
  const east = Math.abs(east_min);
  const local = new Date(at + east_min * 60_000).toISOString().slice(0, 19);
  return `${local}${east_min < 0 ? '-' : '+'}${two(Math.floor(east / 60))}:${two(east % 60)}`;
}

/** Days since the epoch of the date that it is then, in a zone of so many minutes east of Greenwich. */
export function dayOf(at: number, east_min: number): number {
  return Math.floor((at + east_min * 60_000) / dayMs);
}

/** Milliseconds of a day. */
export const dayMs = 86_400_000;

/** Milliseconds that a device's clock may be wrong without a word. */
export const clockToleranceMs = 2000;

/** How long it must be wrong before that is said. */
export const clockWrongForMs = 3000;

/** How far a device's clock is from the server's: positive if it is fast. Null while it is right. */
export function clockFault(device: number, server: number): number | null {
  return Math.abs(device - server) <= clockToleranceMs ? null : device - server;
}

/** A timer with a limit. */
export interface Timer {
  readonly elapsed_ms: number;
  /** Null where there is no limit. */
  readonly limit_ms: number | null;
  /** Left, or null where there is no limit; negative when it is over. */
  readonly left_ms: number | null;
  /** 0 to 1. */
  readonly part: number;
  readonly over: boolean;
  /** Not over, and at most a minute left. */
  readonly near: boolean;
}

/** Milliseconds before its end from which a timer warns. */
export const nearMs = 60_000;

/** A timer that began then. */
export function timer(began: number, limit_ms: number | null, now: number): Timer {
  const elapsed_ms = Math.max(0, now - began);
  const left_ms = limit_ms === null ? null : limit_ms - elapsed_ms;
  const part = limit_ms === null || limit_ms <= 0 ? 0 : Math.min(1, elapsed_ms / limit_ms);
  const over = left_ms !== null && left_ms < 0;
  return { elapsed_ms, limit_ms, left_ms, part, over, near: left_ms !== null && !over && left_ms <= nearMs };
}

/** Time left with its sign: `−03:20` before the end, `+00:12` past it, as rundowns write it. */
export function countdown(left_ms: number): string {
  return left_ms >= 0 ? `−${wide(left_ms)}` : `+${wide(-left_ms)}`;
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}
