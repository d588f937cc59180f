/** Entries of the audit, the newest first, as far as they were asked for. */
import { asProblem, get, type Problem, type Values } from '../api/client';

export interface Filters {
  user: string;
  table: string;
  kind: string;
  statement: string;
  from: string;
  to: string;
}
export const NAMES = ['user', 'table', 'kind', 'statement', 'from', 'to'] as const;
const PAGE = 50;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function filtersOf(query: URLSearchParams): Filters {
  return Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ''])) as unknown as Filters;
}

/** The address of what is asked for: to be kept, and to be sent to others. */
export function addressOf(filters: Filters): string {
  const query = new URLSearchParams(NAMES.flatMap((name) => (filters[name].trim() ? [[name, filters[name].trim()]] : [])));
  return `audit${query.size ? `?${query}` : ''}`;
}

/** Where a day of the reader's begins, `more` days later. */
function midnight(day: string, more = 0): string | null {
  if (!DAY.test(day)) return null;
  const at = new Date(`${day}T00:00`);
  at.setDate(at.getDate() + more);
  return at.toISOString();
}

export class Audit {
  entries = $state.raw<Values['AuditEntry'][]>([]);
  problem = $state.raw<Problem | null>(null);
  isLoading = $state(true);
  #cursor = $state.raw<string | null>(null);
  #asked = 0;
  #filters: Filters = filtersOf(new URLSearchParams());

  get hasMore(): boolean {
    return this.#cursor !== null;
  }

  async load(filters: Filters): Promise<void> {
    this.#filters = filters;
    this.entries = [];
    await this.#read(null);
  }

  async more(): Promise<void> {
    await this.#read(this.#cursor);
  }

  async #read(cursor: string | null): Promise<void> {
    const [number, wanted] = [++this.#asked, this.#filters];
    this.isLoading = true;
    const query = {
      user: wanted.user.trim(),
      table: wanted.table.trim(),
      kind: wanted.kind,
      query_id: wanted.statement.trim(),
      since: midnight(wanted.from),
      until: midnight(wanted.to, 1),
      cursor,
      limit: PAGE,
    };
    try {
      const page = await get<Values['AuditPage']>('v1/audit', query);
      if (number !== this.#asked) return;
      this.entries = cursor ? [...this.entries, ...page.entries] : page.entries;
      this.#cursor = page.next_cursor ?? null;
      this.problem = null;
    } catch (fault) {
      if (number === this.#asked) this.problem = asProblem(fault);
    } finally {
      if (number === this.#asked) this.isLoading = false;
    }
  }
}
