/** The caller's conversations, the latest first: all of them, or those that have some words. */
import { get, Problem, send, type Values } from '../api/client';
import { Paged } from '../parts/paged.svelte';

const PAGE = 50;

let words = '';

export const history = new Paged<Values['ThreadInfo']>(async (cursor) => {
  const page = await get<Values['ThreadPage']>('v1/threads', { words, cursor, limit: PAGE });
  return { items: page.threads, next: page.next_cursor };
});

/** Have only the conversations listed that have a question, or a title, with these words. */
export async function search(wanted: string): Promise<void> {
  words = wanted.trim();
  await history.again();
}

/** Call a conversation something else; by its first question when there are no words. */
export async function rename(name: string, title: string): Promise<void> {
  const now = await send<Values['ThreadInfo']>('PATCH', address(name), { body: { title: title || null } });
  history.items = history.items.map((one) => (one.name === name ? now : one));
}

/** Delete a conversation. One that is gone already is deleted. */
export async function forget(name: string): Promise<void> {
  try {
    await send('DELETE', address(name));
  } catch (fault) {
    if (!(fault instanceof Problem) || fault.status !== 404) throw fault;
  }
  history.items = history.items.filter((one) => one.name !== name);
}

function address(name: string): string {
  return `v1/threads/${encodeURIComponent(name)}`;
}
