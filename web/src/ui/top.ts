// Lists whose newest line comes first: the browser would hold on to the line it showed, and the new one would stand out of sight.

import type { Attachment } from 'svelte/attachments';

/** Shows the first line again whenever `newest` changes, unless somebody reads the list: pointer or focus is in it. */
export function keepTop(newest: () => unknown): Attachment<HTMLElement> {
  return (list) => {
    newest();
    if (!list.matches(':hover, :focus-within')) list.scrollTop = 0;
  };
}
