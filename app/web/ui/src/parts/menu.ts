/** What every menu does: its entries, the keys that go through them, and showing it beside a button. */

export function entriesOf(menu: HTMLElement | undefined): HTMLElement[] {
  return [...(menu?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])].filter((entry) => entry.offsetParent !== null);
}

/** Args: its height and where the button is; gives the top of it, which may still be outside of the window. */
export function showBeside(menu: HTMLElement, button: HTMLElement, topOf: (height: number, at: DOMRect) => number): void {
  menu.showPopover();
  const at = button.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, topOf(height, at))}px`;
  entriesOf(menu)[0]?.focus();
}

/** Arrows, Home and End go through the entries; Tab leaves. */
export function goByKey(event: KeyboardEvent, menu: HTMLElement | undefined): void {
  const all = entriesOf(menu);
  const at = all.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[event.key];
  if (event.key === 'Tab') menu?.hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  all[to]?.focus();
}
