/** A conversation: its questions, the oldest first. */
import { asProblem, get, type Problem, type Values } from '../api/client';
import { Turn } from './turn.svelte';

const PAGE = 50;
const MOST_KEPT = 50;

/** Answers that were read: a conversation that is opened again shows them at once. */
const kept = new Map<string, Turn>();

function turnOf(info: Values['RunInfo']): Turn {
  const known = kept.get(info.run_id);
  return known && known.status === info.status ? known : new Turn(info.question, info);
}

function keep(turn: Turn): void {
  kept.delete(turn.runId);
  if (turn.isDone) kept.set(turn.runId, turn);
  for (const oldest of [...kept.keys()].slice(0, -MOST_KEPT)) kept.delete(oldest);
}

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

  /**
   * Questions asked before, a page at a time from the newest on.
   *
   * Args: what is done just before they are put before the others.
   */
  async loadEarlier(before: () => void = () => undefined): Promise<void> {
    this.isLoading = true;
    try {
      const query = { thread: this.name, cursor: this.#cursor, limit: PAGE };
      const page = await get<Values['RunPage']>('v1/runs', query);
      before();
      this.#cursor = page.next_cursor ?? null;
      this.turns = [...page.runs.map(turnOf).reverse(), ...this.turns];
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
    for (const turn of this.turns) {
      turn.leave();
      keep(turn);
    }
  }
}

export function newThreadName(): string {
  return `page-${crypto.randomUUID().slice(0, 13)}`;
}
