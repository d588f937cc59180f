/** SQL of answers that somebody changed: it is there again when they come back, for the same person, until they sign out. */

const KEPT = 'skipper-sql';
/** So many are kept; the oldest goes first. */
const MOST = 20;

class SqlDrafts {
  #subject = '';
  #drafts = $state.raw<ReadonlyMap<string, string>>(new Map());

  /** Whose drafts these are; those of anybody else are forgotten. */
  open(subject: string): void {
    if (this.#subject === subject) return;
    [this.#subject, this.#drafts] = [subject, read(subject)];
  }

  of(runId: string): string | undefined {
    return this.#drafts.get(runId);
  }

  /** What somebody wrote in place of an answer's SQL; that SQL itself is no draft. */
  keep(runId: string, sql: string, given: string): void {
    const drafts = new Map(this.#drafts);
    drafts.delete(runId);
    if (sql !== given) drafts.set(runId, sql);
    this.#drafts = new Map([...drafts].slice(-MOST));
    try {
      sessionStorage.setItem(KEPT, JSON.stringify({ subject: this.#subject, drafts: [...this.#drafts] }));
    } catch {
      // A browser that keeps nothing, or no more, still has them until the page is left.
    }
  }

  /** Nobody is there any more. */
  forget(): void {
    [this.#subject, this.#drafts] = ['', new Map()];
    try {
      sessionStorage.removeItem(KEPT);
    } catch {
      // A browser that keeps nothing has nothing to forget.
    }
  }
}

function read(subject: string): ReadonlyMap<string, string> {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') as { subject?: unknown; drafts?: unknown };
    if (kept.subject === subject && Array.isArray(kept.drafts)) return new Map(kept.drafts as [string, string][]);
    sessionStorage.removeItem(KEPT);
  } catch {
    // What cannot be read is no draft.
  }
  return new Map();
}

export const sqlDrafts = new SqlDrafts();
