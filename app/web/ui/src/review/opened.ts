/** The tables that a reviewer has looked at: choices that were not sent stay while they look elsewhere. */
import { TableReview } from './table.svelte';

const tables = new Map<string, TableReview>();

export function opened(name: string): TableReview {
  const found = tables.get(name) ?? new TableReview(name);
  tables.set(name, found);
  return found;
}

/** How many choices of a table were made and not sent. */
export function unsent(name: string): number {
  return opened(name).chosen.length;
}
