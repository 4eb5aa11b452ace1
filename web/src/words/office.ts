// The catalogues of the office bundle: the watcher page. A file of its own, so that no bundle carries another's words.

import commonEn from '$i18n/en/common.ftl?raw';
import marksEn from '$i18n/en/marks.ftl?raw';
import watchEn from '$i18n/en/watch.ftl?raw';
import commonZh from '$i18n/zh-CN/common.ftl?raw';
import marksZh from '$i18n/zh-CN/marks.ftl?raw';
import watchZh from '$i18n/zh-CN/watch.ftl?raw';
import type { Catalogue } from './words';

/** All messages of the bundle. */
export const catalogues: readonly Catalogue[] = [
  { 'zh-CN': commonZh, en: commonEn },
  { 'zh-CN': watchZh, en: watchEn },
  { 'zh-CN': marksZh, en: marksEn },
];
