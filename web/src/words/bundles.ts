// Which catalogues each bundle needs.

import type { CatalogueName } from './ids';

/** The room: hall screen and technician's page. */
export const room: readonly CatalogueName[] = ['common', 'hall', 'technician', 'journal', 'refused', 'marks'];

/** The desk. */
export const desk: readonly CatalogueName[] = ['common', 'desk', 'journal', 'refused', 'alarms', 'marks'];

/** The watcher's page. */
export const watch: readonly CatalogueName[] = ['common', 'watch', 'marks'];
