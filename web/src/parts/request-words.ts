// Words of what a request to speak is for.

import type { RequestKind } from '../contract';
import { t } from '../state/language.svelte';
import type { MessageId } from '../words/ids';

/** Ids of the words. */
export const requestWords: Readonly<Record<RequestKind, MessageId>> = {
  speech: 'request-speech',
  question: 'request-question',
  remark: 'request-remark',
  point_of_order: 'request-point-of-order',
};

/** Kinds of requests, the most usual first. */
export const requestKinds: readonly RequestKind[] = ['speech', 'question', 'remark', 'point_of_order'];

/** A kind in a word. */
export function requestSaid(kind: RequestKind): string {
  return t(requestWords[kind]);
}
