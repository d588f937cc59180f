/** The caller's conversations, the latest first: all of them, or those that have some words. */
import { get, type Values } from '../api/client';
import { Paged } from '../parts/paged.svelte';

const PAGE = 50;

let words = '';

export const history = new Paged<Values['ThreadInfo']>(async (cursor) => {
  const page = await get<Values['ThreadPage']>('v1/threads', { words, cursor, limit: PAGE });
  return { items: page.threads, next: page.next_cursor };
});

/** Have only the conversations listed that have a question with these words. */
export async function search(wanted: string): Promise<void> {
  words = wanted.trim();
  await history.again();
}
