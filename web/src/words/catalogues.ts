// The catalogues of each bundle, as text, in both languages.

import alarmsEn from '$i18n/en/alarms.ftl?raw';
import commonEn from '$i18n/en/common.ftl?raw';
import deskEn from '$i18n/en/desk.ftl?raw';
import hallEn from '$i18n/en/hall.ftl?raw';
import journalEn from '$i18n/en/journal.ftl?raw';
import marksEn from '$i18n/en/marks.ftl?raw';
import refusedEn from '$i18n/en/refused.ftl?raw';
import technicianEn from '$i18n/en/technician.ftl?raw';
import watchEn from '$i18n/en/watch.ftl?raw';
import alarmsZh from '$i18n/zh-CN/alarms.ftl?raw';
import commonZh from '$i18n/zh-CN/common.ftl?raw';
import deskZh from '$i18n/zh-CN/desk.ftl?raw';
import hallZh from '$i18n/zh-CN/hall.ftl?raw';
import journalZh from '$i18n/zh-CN/journal.ftl?raw';
import marksZh from '$i18n/zh-CN/marks.ftl?raw';
import refusedZh from '$i18n/zh-CN/refused.ftl?raw';
import technicianZh from '$i18n/zh-CN/technician.ftl?raw';
import watchZh from '$i18n/zh-CN/watch.ftl?raw';
import type { Catalogue } from './words';

const alarms: Catalogue = { 'zh-CN': alarmsZh, en: alarmsEn };
const common: Catalogue = { 'zh-CN': commonZh, en: commonEn };
const desk: Catalogue = { 'zh-CN': deskZh, en: deskEn };
const hall: Catalogue = { 'zh-CN': hallZh, en: hallEn };
const journal: Catalogue = { 'zh-CN': journalZh, en: journalEn };
const marks: Catalogue = { 'zh-CN': marksZh, en: marksEn };
const refused: Catalogue = { 'zh-CN': refusedZh, en: refusedEn };
const technician: Catalogue = { 'zh-CN': technicianZh, en: technicianEn };
const watch: Catalogue = { 'zh-CN': watchZh, en: watchEn };

/** Hall screen and technician's page. */
export const roomCatalogues: readonly Catalogue[] = [common, marks, hall, technician, alarms, journal, refused];

/** Desk. */
export const deskCatalogues: readonly Catalogue[] = [common, marks, desk, alarms, journal, refused];

/** Watcher page. */
export const officeCatalogues: readonly Catalogue[] = [common, marks, watch];
