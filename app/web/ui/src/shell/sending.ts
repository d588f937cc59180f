/** Ctrl-Enter, or Cmd-Enter, sends the form that somebody is in, as the question box does. */

export function sendByKeys(event: KeyboardEvent): void {
  const isSending = event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  if (!isSending || event.defaultPrevented || event.isComposing || !(event.target instanceof Element)) return;
  // A key that is held sends once, and presses nothing of what came to stand under it.
  if (event.repeat) return event.preventDefault();
  if (event.target.closest('a, summary')) return;
  // A dialog that was just opened may have the focus itself; a form round it is another matter.
  const place = event.target.closest('form, dialog');
  const form = place instanceof HTMLDialogElement ? place.querySelector('form') : (place as HTMLFormElement | null);
  const sending = [...(form?.elements ?? [])].find((one): one is HTMLButtonElement => one instanceof HTMLButtonElement && one.type === 'submit');
  // Whoever stands on a button presses that one; browsers do not all do so for these keys.
  const button = (place && event.target.closest('button')) || sending;
  if (!button) return;
  // Else a field of one line would send it a second time by Enter.
  event.preventDefault();
  // By its button: one that is disabled sends nothing, and what is missing is asked for.
  button.click();
}
