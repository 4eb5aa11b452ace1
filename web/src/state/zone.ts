// The zone in which this page writes times.

/** Minutes east of Greenwich, at this device. */
export function zone(): number {
  return -new Date().getTimezoneOffset();
}
