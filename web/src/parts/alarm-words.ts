// Words of the alarms, by code.

import type { AlarmCode, LogCause } from '../contract';
import { alarmValue, lengthParts } from '../domain/alarms';
import { t } from '../state/language.svelte';
import type { MessageId } from '../words/ids';

const short: Readonly<Record<AlarmCode, MessageId>> = {
  log: 'alarm-short-log',
  lost: 'alarm-short-lost',
  no_picture: 'alarm-short-no-picture',
  microphone_disagrees: 'alarm-short-microphone-disagrees',
  camera_refused: 'alarm-short-camera-refused',
  camera_missing: 'alarm-short-camera-missing',
  camera_in_use: 'alarm-short-camera-in-use',
  audio_dropped: 'alarm-short-audio-dropped',
  silent: 'alarm-short-silent',
  sound_blocked: 'alarm-short-sound-blocked',
  page_hidden: 'alarm-short-page-hidden',
  loss: 'alarm-short-loss',
  packets_too_large: 'alarm-short-packets-too-large',
  clock: 'alarm-short-clock',
  network: 'alarm-short-network',
};

const said: Readonly<Record<AlarmCode, MessageId>> = {
  log: 'alarm-log',
  lost: 'alarm-lost',
  no_picture: 'alarm-no-picture',
  microphone_disagrees: 'alarm-microphone-disagrees',
  camera_refused: 'alarm-camera-refused',
  camera_missing: 'alarm-camera-missing',
  camera_in_use: 'alarm-camera-in-use',
  audio_dropped: 'alarm-audio-dropped',
  silent: 'alarm-silent',
  sound_blocked: 'alarm-sound-blocked',
  page_hidden: 'alarm-page-hidden',
  loss: 'alarm-loss',
  packets_too_large: 'alarm-packets-too-large',
  clock: 'alarm-clock',
  network: 'alarm-network',
};

const done: Readonly<Record<AlarmCode, MessageId>> = {
  log: 'alarm-log-does',
  lost: 'alarm-lost-does',
  no_picture: 'alarm-no-picture-does',
  microphone_disagrees: 'alarm-microphone-disagrees-does',
  camera_refused: 'alarm-camera-refused-does',
  camera_missing: 'alarm-camera-missing-does',
  camera_in_use: 'alarm-camera-in-use-does',
  audio_dropped: 'alarm-audio-dropped-does',
  silent: 'alarm-silent-does',
  sound_blocked: 'alarm-sound-blocked-does',
  page_hidden: 'alarm-page-hidden-does',
  loss: 'alarm-loss-does',
  packets_too_large: 'alarm-packets-too-large-does',
  clock: 'alarm-clock-does',
  network: 'alarm-network-does',
};

const causes: Readonly<Record<LogCause, MessageId>> = {
  disk_full: 'log-cause-disk-full',
  read_only: 'log-cause-read-only',
  io_error: 'log-cause-io-error',
  hangs: 'log-cause-hangs',
  fenced: 'log-cause-fenced',
  damaged: 'log-cause-damaged',
  folder_gone: 'log-cause-folder-gone',
  broke: 'log-cause-broke',
};

/** Why the log cannot be written; `epoch` is that of the server that has the run, if that is why. */
export function logCauseSaid(cause: LogCause, epoch: number | null): string {
  return t(causes[cause], { epoch: epoch === null ? '' : String(epoch) });
}

/** One word, for a chip. */
export function alarmShort(code: AlarmCode): string {
  return t(short[code]);
}

/** The number of an alarm in words, where it has one. */
export function alarmNumber(code: AlarmCode, value: number | null): string {
  if (code !== 'clock' || value === null) return alarmValue(code, value);
  const length = lengthParts(Math.abs(value))
    .map(([unit, count]) => t(`time-${unit}`, { count }))
    .join(' ');
  return t(value < 0 ? 'alarm-clock-back' : 'alarm-clock-ahead', { length });
}

/** What happened, to whom. */
export function alarmSaid(code: AlarmCode, venue: string, number: string): string {
  return t(said[code], { venue, number });
}

/** What the system does, or what one can do. `slate`: it is on air; `kept`: until when the floor of the venue that it is about is kept. */
export function alarmDoes(code: AlarmCode, slate: boolean, kept: string | undefined): string {
  if (code === 'no_picture' && slate) return t('alarm-no-picture-slate-does');
  if (code === 'lost' && kept !== undefined) return t('alarm-lost-floor-does', { time: kept });
  return t(done[code]);
}
