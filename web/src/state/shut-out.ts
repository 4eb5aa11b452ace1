// Why the server does not let a page in, in words: what happened, whom to ask, and whether the page comes back by itself.

import type { ErrorCode } from '../contract';
import { t } from './language.svelte';

/** In words, what an answer to a page's greeting means for whoever is before it. */
export function shutOutSaid(code: ErrorCode): string {
  switch (code) {
    case 'expired':
      return t('link-expired');
    case 'bad_token':
    case 'unknown_meeting':
      return t('link-refused');
    case 'not_open':
      return t('meeting-not-open');
    case 'full':
    case 'too_many_clients':
      return t('server-full');
    default:
      return t('server-refuses', { code });
  }
}
