// The catalogues of the desk bundle: the desk. A file of its own, so that no bundle carries another's words.

import alarmsEn from '$i18n/en/alarms.ftl?raw';
import commonEn from '$i18n/en/common.ftl?raw';
import deskEn from '$i18n/en/desk.ftl?raw';
import journalEn from '$i18n/en/journal.ftl?raw';
import marksEn from '$i18n/en/marks.ftl?raw';
import refusedEn from '$i18n/en/refused.ftl?raw';
import alarmsZh from '$i18n/zh-CN/alarms.ftl?raw';
import commonZh from '$i18n/zh-CN/common.ftl?raw';
import deskZh from '$i18n/zh-CN/desk.ftl?raw';
import journalZh from '$i18n/zh-CN/journal.ftl?raw';
import marksZh from '$i18n/zh-CN/marks.ftl?raw';
import refusedZh from '$i18n/zh-CN/refused.ftl?raw';
import type { Catalogue } from './words';

/** All messages of the bundle. */
export const catalogues: readonly Catalogue[] = [
  { 'zh-CN': commonZh, en: commonEn },
  { 'zh-CN': deskZh, en: deskEn },
  { 'zh-CN': journalZh, en: journalEn },
  { 'zh-CN': refusedZh, en: refusedEn },
  { 'zh-CN': alarmsZh, en: alarmsEn },
  { 'zh-CN': marksZh, en: marksEn },
];
