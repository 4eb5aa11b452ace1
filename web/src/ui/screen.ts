// The three sizes that the desk is drawn for. The same conditions stand in the components' media queries.

import { MediaQuery } from 'svelte/reactivity';

/** Eight columns instead of eleven, a narrow rail. */
export const narrow = new MediaQuery('(max-width: 1700px)');

/** Larger, not more. */
export const large = new MediaQuery('(min-width: 2400px) and (min-height: 1300px)');
