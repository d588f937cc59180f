/** The caller's conversations, the latest first, as their runs tell. */
import { asProblem, get, type Problem, type Values } from '../api/client';

export interface Conversation {
  name: string;
  title: string;
  at: Date;
  count: number;
}

class History {
  #runs = $state.raw<Values['RunInfo'][]>([]);
  #cursor = $state.raw<string | null>(null);
  problem = $state.raw<Problem | null>(null);
  isLoaded = $state(false);
  #isReading = false;

  /** Named by their first question that is known. */
  get conversations(): Conversation[] {
    const found = new Map<string, Conversation>();
    for (const run of this.#runs) {
      if (!run.thread) continue;
      const known = found.get(run.thread);
      if (known) Object.assign(known, { title: run.question, count: known.count + 1 });
      else found.set(run.thread, { name: run.thread, title: run.question, at: new Date(run.accepted_at), count: 1 });
    }
    return [...found.values()];
  }

  get hasMore(): boolean {
    return this.#cursor !== null;
  }

  async load(): Promise<void> {
    await this.#read(null);
  }

  async more(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    await this.#read(this.#cursor);
    this.#isReading = false;
  }

  async #read(cursor: string | null): Promise<void> {
    try {
      const page = await get<Values['RunPage']>('v1/runs', { limit: 200, cursor });
      this.#runs = cursor ? [...this.#runs, ...page.runs] : page.runs;
      this.#cursor = page.next_cursor ?? null;
      this.problem = null;
    } catch (fault) {
      this.problem = asProblem(fault);
    }
    this.isLoaded = true;
  }
}

export const history = new History();
