/** What was kept, and with whom it is shared, in words. */
import { send, type Values } from '../api/client';
import { to } from '../shell/router.svelte';

export type Sharing = Values['Sharing'];
export type Question = Values['SavedQuestion'];
/** What is kept: the statement of a run, or one that somebody wrote. */
export type Source = { run_id: string } | { sql: string };
export const PRIVATE: Sharing = { reach: 'private', groups: [] };

export function sharedWith({ reach, groups }: Sharing, mine = true): string {
  if (reach === 'everybody') return 'Everybody';
  if (reach === 'private') return mine ? 'Only you' : 'Its owner';
  return groups.length > 2 ? `${groups.length} groups` : groups.join(', ');
}

/** Whether it says with whom. */
export function isWhole({ reach, groups }: Sharing): boolean {
  return reach !== 'groups' || groups.length > 0;
}

/** A link that can be sent to somebody. */
export function linkTo(...parts: string[]): string {
  return new URL(to(...parts), location.href).href;
}

/** The change is made only to the version that was seen. */
export function ifSeen(version: number): Record<string, string> {
  return { 'if-match': `"${version}"` };
}

/** Changes with whom a question is shared, and nothing else of it. */
export function share(kept: Question, sharing: Sharing): Promise<Question> {
  const { id, name, description, question, chart, version } = kept;
  return send<Question>('PUT', `v1/saved/${id}`, { body: { name, description, question, chart, sharing, saved_id: id }, headers: ifSeen(version) });
}

/** A name of at most 200 letters. */
export function nameFrom(question: string): string {
  const name = question.replace(/\s+/g, ' ').trim();
  return name.length > 200 ? `${name.slice(0, 199)}…` : name;
}
