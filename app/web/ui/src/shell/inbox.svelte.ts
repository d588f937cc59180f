/** How much waits for the caller: asked for when the page opens, when they come back to it, and after what changes it. */
import { get, type Values } from '../api/client';

const OLD_MS = 60_000;
const NOTHING: Values['Inbox'] = { tables: 0, requests: 0, statements: 0, answers: 0 };

class Inbox {
  has = $state.raw(NOTHING);
  #read = 0;
  #asked = 0;

  /** What others wait for. */
  get forReview(): number {
    return this.has.requests + this.has.statements;
  }

  async load(): Promise<void> {
    const number = ++this.#asked;
    this.#read = Date.now();
    try {
      const found = await get<Values['Inbox']>('v1/inbox');
      if (number === this.#asked) this.has = found;
    } catch {
      // The numbers are a courtesy: the screens tell what waits, and what is wrong.
    }
  }

  /** Ask again, unless it was asked a moment ago. */
  refresh(): void {
    if (document.visibilityState === 'visible' && Date.now() - this.#read > OLD_MS) void this.load();
  }
}

export const inbox = new Inbox();
