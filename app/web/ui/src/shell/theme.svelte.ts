/** Light, dark, or as the machine has it. Kept in the browser. */

export type Theme = 'auto' | 'light' | 'dark';
const KEPT = 'skipper-theme';
const ORDER: Theme[] = ['auto', 'light', 'dark'];

function kept(): Theme {
  try {
    const found = localStorage.getItem(KEPT) as Theme | null;
    return found && ORDER.includes(found) ? found : 'auto';
  } catch {
    // In a frame of another site a browser keeps nothing.
    return 'auto';
  }
}

class Appearance {
  theme = $state<Theme>(kept());
  #machine = $state(matchMedia('(prefers-color-scheme: dark)').matches);

  constructor() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => (this.#machine = event.matches));
    this.#show();
  }

  get isDark(): boolean {
    return this.theme === 'auto' ? this.#machine : this.theme === 'dark';
  }

  next(): void {
    this.theme = ORDER[(ORDER.indexOf(this.theme) + 1) % ORDER.length] ?? 'auto';
    localStorage.setItem(KEPT, this.theme);
    this.#show();
  }

  #show(): void {
    if (this.theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.theme;
  }
}

export const appearance = new Appearance();
