// The catalogues of the room bundle: hall screen and technician's page. A file of its own, so that no bundle carries another's words.

import commonEn from '$i18n/en/common.ftl?raw';
import hallEn from '$i18n/en/hall.ftl?raw';
import journalEn from '$i18n/en/journal.ftl?raw';
import marksEn from '$i18n/en/marks.ftl?raw';
import refusedEn from '$i18n/en/refused.ftl?raw';
import technicianEn from '$i18n/en/technician.ftl?raw';
import commonZh from '$i18n/zh-CN/common.ftl?raw';
import hallZh from '$i18n/zh-CN/hall.ftl?raw';
import journalZh from '$i18n/zh-CN/journal.ftl?raw';
import marksZh from '$i18n/zh-CN/marks.ftl?raw';
import refusedZh from '$i18n/zh-CN/refused.ftl?raw';
import technicianZh from '$i18n/zh-CN/technician.ftl?raw';
import type { Catalogue } from './words';

/** All messages of the bundle. */
export const catalogues: readonly Catalogue[] = [
  { 'zh-CN': commonZh, en: commonEn },
  { 'zh-CN': hallZh, en: hallEn },
  { 'zh-CN': technicianZh, en: technicianEn },
  { 'zh-CN': journalZh, en: journalEn },
  { 'zh-CN': refusedZh, en: refusedEn },
  { 'zh-CN': marksZh, en: marksEn },
];
