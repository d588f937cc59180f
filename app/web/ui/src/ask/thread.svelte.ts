/** A conversation: its questions, the oldest first. */
import { asProblem, get, type Problem, type Values } from '../api/client';
import { Turn } from './turn.svelte';

const PAGE = 50;

export class Thread {
  readonly name: string;
  turns = $state.raw<Turn[]>([]);
  problem = $state.raw<Problem | null>(null);
  isLoading = $state(false);
  #cursor = $state.raw<string | null>(null);

  constructor(name: string) {
    this.name = name;
  }

  get hasEarlier(): boolean {
    return this.#cursor !== null;
  }

  get working(): Turn | undefined {
    return this.turns.find((turn) => !turn.isOver);
  }

  /** The last question, where the server did not take it. */
  get unheard(): string {
    const last = this.turns.at(-1);
    return last && !last.runId ? last.question : '';
  }

  /** Questions asked before, a page at a time from the newest on. */
  async loadEarlier(): Promise<void> {
    this.isLoading = true;
    try {
      const query = { thread: this.name, cursor: this.#cursor, limit: PAGE };
      const page = await get<Values['RunPage']>('v1/runs', query);
      this.#cursor = page.next_cursor ?? null;
      this.turns = [...page.runs.map((info) => new Turn(info.question, info)).reverse(), ...this.turns];
      this.problem = null;
    } catch (fault) {
      this.problem = asProblem(fault);
    } finally {
      this.isLoading = false;
    }
  }

  async ask(question: string): Promise<void> {
    const turn = new Turn(question);
    this.turns = [...this.turns, turn];
    await turn.ask(this.name);
  }

  leave(): void {
    this.turns.forEach((turn) => turn.leave());
  }
}

export function newThreadName(): string {
  return `page-${crypto.randomUUID().slice(0, 13)}`;
}
