/** Tables that wait for a reviewer, as far as they were asked for. */
import { asProblem, get, type Problem, type Values } from '../api/client';

export type Waiting = Values['WaitingTable'];
const PAGE = 50;

export class Queue {
  tables = $state.raw<Waiting[]>([]);
  counts = $state.raw<Values['QueueCounts'] | null>(null);
  problem = $state.raw<Problem | null>(null);
  isLoading = $state(false);
  schema = $state('');
  state = $state('');
  label = $state('');
  tier = $state('');
  #cursor = $state.raw<string | null>(null);
  #asked = 0;

  get hasMore(): boolean {
    return this.#cursor !== null;
  }

  get isFiltered(): boolean {
    return Boolean(this.schema.trim() || this.state || this.label.trim() || this.tier);
  }

  clear(): void {
    [this.schema, this.state, this.label, this.tier] = ['', '', '', ''];
    void this.load();
  }

  /** What waits in the queue after a table; the first of it when that is gone or is the last. */
  after(table: string): Waiting | undefined {
    const at = this.tables.findIndex((one) => one.table === table);
    return this.tables[at + 1] ?? this.tables.find((one) => one.table !== table);
  }

  async load(): Promise<void> {
    await this.#read(null);
  }

  async more(): Promise<void> {
    await this.#read(this.#cursor);
  }

  async #read(cursor: string | null): Promise<void> {
    const number = ++this.#asked;
    this.isLoading = true;
    const query = { schema: this.schema.trim(), state: this.state, label: this.label.trim(), tier: this.tier, cursor, limit: PAGE };
    try {
      const page = await get<Values['ReviewQueue']>('v1/reviews', query);
      if (number !== this.#asked) return;
      this.tables = cursor ? [...this.tables, ...page.tables] : page.tables;
      this.counts = page.counts;
      this.#cursor = page.next_cursor ?? null;
      this.problem = null;
    } catch (fault) {
      if (number === this.#asked) this.problem = asProblem(fault);
    } finally {
      if (number === this.#asked) this.isLoading = false;
    }
  }
}
