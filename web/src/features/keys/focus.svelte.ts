// Where the focus of the desk may be. A press with the pointer leaves none, so that Space goes on being TAKE; what Tab went to
// keeps it, and TAKE is told that Space is elsewhere.

const selectors = {
  /** Takes text, or keys of its own. */
  field: 'input:not([type=radio], [type=checkbox], [type=button]), textarea, select, [contenteditable]',
  /** A question, a drawer or a dialog: all keys are its own. */
  own: 'dialog, [role=dialog], [role=alertdialog], [data-keys=own]',
  /** Keeps the focus that it was given, whoever gave it. */
  keeps: 'dialog, [role=dialog], [role=alertdialog]',
  control:
    'button, a[href], summary, label, input[type=radio], input[type=checkbox], [role=gridcell], [role=rowheader], [tabindex]',
  /** What a press would give the focus; a list that scrolls stays as it is, for its text can be chosen. */
  pressable:
    'button, a[href], summary, label, input[type=radio], input[type=checkbox], [role=gridcell], [role=rowheader]',
} as const;

/** What of the page an element belongs to. */
export function within(at: EventTarget | null, what: keyof typeof selectors): boolean {
  return at instanceof Element && at.closest(selectors[what]) !== null;
}

/** The focus of one desk. */
export class DeskFocus {
  /** Space would press something else than TAKE, or write. */
  elsewhere = $state(false);
  /** The last thing that the hand touched was the pointer. */
  #pointer = false;
  /** The field that the pointer put the focus into. */
  #pointed: Element | null = null;

  /** Follows pointer and focus; answers with how to stop. */
  readonly listen = (): (() => void) => {
    const ends = new AbortController();
    const on = <K extends keyof WindowEventMap>(name: K, does: (event: WindowEventMap[K]) => void): void => {
      window.addEventListener(name, does, { capture: true, signal: ends.signal });
    };
    on('pointerdown', (event) => {
      this.#pointer = true;
      if (!within(event.target, 'keeps') && !within(event.target, 'field')) this.leave();
    });
    on('mousedown', (event) => {
      if (within(event.target, 'pressable') && !within(event.target, 'keeps') && !within(event.target, 'field'))
        event.preventDefault();
    });
    on('keydown', () => {
      this.#pointer = false;
      this.refresh();
    });
    on('focusin', (event) => this.#came(event.target));
    on('focusout', () => {
      this.#pointed = null;
      this.#settle();
    });
    // A list that the pointer opened gives the focus back when it is chosen from.
    on('change', (event) => {
      if (event.target === this.#pointed && event.target instanceof HTMLSelectElement) this.leave();
    });
    return () => ends.abort();
  };

  /** Asks the page anew: what has the focus may have gone, and nothing tells. */
  refresh(): void {
    this.elsewhere = goesElsewhere(document.activeElement);
  }

  /** Takes the focus away from where it is. */
  leave(): void {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    this.refresh();
  }

  /** A list of choices that the pointer opened and left has no claim on keys that mean something to the desk: it gives the focus up. */
  givenUp(event: KeyboardEvent): boolean {
    if (event.target !== this.#pointed || !(event.target instanceof HTMLSelectElement)) return false;
    if (event.key.length > 1) return false;
    this.leave();
    return true;
  }

  #came(target: EventTarget | null): void {
    const field = within(target, 'field');
    if (this.#pointer && !field && !within(target, 'keeps')) {
      if (target instanceof HTMLElement) target.blur();
    } else if (this.#pointer && field && target instanceof Element) this.#pointed = target;
    this.#settle();
  }

  /** The focus may move while the page is drawn, where nothing may be changed: it is asked for after. */
  #settle(): void {
    queueMicrotask(() => this.refresh());
  }
}

function goesElsewhere(at: EventTarget | null): boolean {
  if (document.querySelector('dialog[open]')) return true;
  if (!(at instanceof Element) || at.closest('[data-act=take]')) return false;
  return within(at, 'control') || within(at, 'field') || within(at, 'own');
}
