/** A list that comes in pages. */
import { asProblem, get, type Problem } from '../api/client';

type Query = Record<string, string | number | boolean | null | undefined>;

export class Pages<T> {
  items = $state.raw<T[]>([]);
  isLoaded = $state(false);
  isLoading = $state(false);
  problem = $state.raw<Problem | null>(null);
  #cursor = $state.raw<string | null>(null);

  constructor(
    readonly path: string,
    readonly name: string,
    readonly query: Query = {},
  ) {}

  get hasMore(): boolean {
    return this.#cursor !== null;
  }

  /** From the first page on. */
  async load(): Promise<void> {
    await this.#read(null);
  }

  async more(): Promise<void> {
    if (this.isLoading) return;
    await this.#read(this.#cursor);
  }

  async #read(cursor: string | null): Promise<void> {
    this.isLoading = true;
    try {
      const page = await get<Record<string, unknown>>(this.path, { ...this.query, cursor });
      const found = page[this.name] as T[];
      this.items = cursor ? [...this.items, ...found] : found;
      this.#cursor = (page['next_cursor'] as string | null | undefined) ?? null;
      this.problem = null;
      this.isLoaded = true;
    } catch (fault) {
      this.problem = asProblem(fault);
    } finally {
      this.isLoading = false;
    }
  }
}
