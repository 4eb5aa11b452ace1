// A press with the mouse leaves the focus alone, so that Space goes on being TAKE.

/** For `onmousedown` of a control whose key is reached otherwise. */
export function leaveFocus(event: MouseEvent): void {
  event.preventDefault();
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}
