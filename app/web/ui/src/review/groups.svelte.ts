/** The groups that grants name: asked for once, to offer them and to notice one that nobody knows. */
import { get, type Values } from '../api/client';

const MOST_PAGES = 10;

class Groups {
  names = $state.raw<string[]>([]);
  /** Whether those are all of them. */
  isAll = $state(false);
  #isAsked = false;

  async load(): Promise<void> {
    if (this.#isAsked) return;
    this.#isAsked = true;
    const found = new Set<string>();
    let cursor: string | null = null;
    try {
      for (let page = 0; page < MOST_PAGES; page++) {
        const read: Values['GrantList'] = await get<Values['GrantList']>('v1/grants', { cursor, limit: 500 });
        for (const grant of read.grants) found.add(grant.group);
        cursor = read.next_cursor ?? null;
        if (!cursor) break;
      }
      this.isAll = !cursor;
    } catch {
      // Without them nothing is offered, and nothing is said of a name.
      this.#isAsked = false;
    }
    this.names = [...found].sort();
  }

  /** A grant names it from now on. */
  add(name: string): void {
    if (!this.names.includes(name)) this.names = [...this.names, name].sort();
  }
}

export const groups = new Groups();
