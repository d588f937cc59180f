/** A list that comes in pages. */
import { asProblem, type Problem } from '../api/client';

export interface Page<T> {
  items: T[];
  next: string | null | undefined;
}

export class Paged<T> {
  items = $state.raw<T[]>([]);
  problem = $state.raw<Problem | null>(null);
  isLoading = $state(false);
  isLoaded = $state(false);
  hasMore = $state(false);
  #next: string | null = null;
  #asked = 0;
  #fetch: (cursor: string | null) => Promise<Page<T>>;

  /** Loads nothing yet. */
  constructor(fetch: (cursor: string | null) => Promise<Page<T>>) {
    this.#fetch = fetch;
  }

  /** Load the first page, or the next one. */
  async more(): Promise<void> {
    if (this.isLoading || (this.isLoaded && !this.hasMore)) return;
    this.isLoading = true;
    const mine = this.#asked;
    try {
      const page = await this.#fetch(this.#next);
      if (mine !== this.#asked) return;
      this.items = [...this.items, ...page.items];
      this.#next = page.next ?? null;
      this.hasMore = this.#next !== null;
      this.isLoaded = true;
      this.problem = null;
    } catch (fault) {
      this.problem = asProblem(fault);
    } finally {
      this.isLoading = false;
    }
  }

  /** Load it anew, from the first page on; what was there stays until it is. Asked for twice, the later one counts. */
  async again(): Promise<void> {
    const mine = ++this.#asked;
    try {
      const page = await this.#fetch(null);
      if (mine !== this.#asked) return;
      this.items = page.items;
      this.#next = page.next ?? null;
      this.hasMore = this.#next !== null;
      this.isLoaded = true;
      this.problem = null;
    } catch (fault) {
      if (mine === this.#asked) this.problem = asProblem(fault);
    }
  }
}
