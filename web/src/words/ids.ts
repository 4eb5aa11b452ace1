// Generated from /i18n by `npm run ids`. Do not edit.

/** Every message of the catalogues. */
export type MessageId =
  | 'language'
  | 'link-missing'
  | 'product';
