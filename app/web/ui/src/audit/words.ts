/** What entries of the audit are called on the page. */
import type { Values } from '../api/client';
import type { IconName } from '../parts/Icon.svelte';
import { count, stateName } from '../review/words';

export type Entry = Values['AuditEntry'];

export const KINDS: [string, string][] = [
  ['', 'Everything'],
  ['intent', 'Statements before they ran'],
  ['outcome', 'What became of statements'],
  ['refusal', 'Refused statements'],
  ['review.', 'Reviews'],
  ['grant.', 'Grants'],
  ['row_filter.', 'Row filters'],
  ['limit.', 'Limits'],
  ['approval.', 'Approvals of statements'],
  ['incident.', 'Incidents'],
  ['scan.', 'Scans'],
  ['table.', 'Descriptions of tables'],
  ['key.', 'Keys of programs'],
  ['webhook.', 'Webhooks'],
  ['learning.', 'What was learned from decisions'],
];

const ICONS: [string, IconName][] = [
  ['refusal', 'lock'],
  ['intent', 'ask'],
  ['outcome', 'check'],
  ['review', 'review'],
  ['grant', 'access'],
  ['row_filter', 'filter'],
  ['incident', 'warn'],
  ['unreadable', 'warn'],
];

export function iconOf(entry: Entry): IconName {
  if (entry.kind === 'outcome' && entry.status !== 'ok') return 'warn';
  return ICONS.find(([start]) => entry.kind.startsWith(start))?.[1] ?? 'audit';
}

export function kindOf(entry: Entry): '' | 'warn' | 'bad' {
  if (entry.kind === 'refusal') return 'warn';
  if (entry.kind === 'outcome') return entry.status === 'ok' ? '' : 'warn';
  return entry.kind === 'unreadable' || entry.kind === 'incident.secret' ? 'bad' : '';
}

const REST: Record<string, string> = {
  'review.requested': 'asked for',
  'review.disputed': 'disputed a label in',
  'review.answered': 'answered a request for',
  'review.withdrawn': 'took back a request for',
  'row_filter.added': 'narrowed what a group sees of',
  'row_filter.removed': 'widened what a group sees of',
  'incident.secret': 'found live credentials in',
  'incident.closed': 'closed an incident in',
  'table.described': 'described',
  'table.dropped': 'took away',
  'scan.begun': 'began a scan',
  'key.created': 'made a key for a program',
  'key.revoked': 'took a key back',
  unreadable: 'This entry cannot be read: it is no longer as it was written',
};

/** What somebody did, after their name. */
export function deed(entry: Entry): string {
  const detail = (name: string) => (typeof entry.details?.[name] === 'string' ? (entry.details?.[name] as string) : '');
  switch (entry.kind) {
    case 'intent':
      return entry.reads.length ? `reads ${few(entry.reads)}` : 'runs a statement';
    case 'outcome':
      if (entry.status !== 'ok') return `ended a statement: ${entry.status || 'nobody knows how'}`;
      return entry.rows === null || entry.rows === undefined ? 'ended a statement' : `got ${count(entry.rows, 'row')}`;
    case 'refusal':
      return entry.findings.length ? `was refused a statement: ${entry.findings.slice(0, 3).join(', ')}` : 'was refused a statement';
    case 'review.decided':
      return decided(entry);
    case 'grant.added':
      return `let ${detail('group') || 'a group'} read ${entry.table}`;
    case 'grant.removed':
      return `took from ${detail('group') || 'a group'} the reading of ${entry.table}`;
  }
  const words = REST[entry.kind] ?? entry.kind.replaceAll('_', ' ').replace('.', ' ');
  return entry.table ? `${words} ${entry.table}` : words;
}

function decided(entry: Entry): string {
  const columns = Object.values((entry.details?.['columns'] ?? {}) as Record<string, [Values['ReviewState'], string | null]>);
  const sums = new Map<string, number>();
  for (const [state] of columns) sums.set(stateName(state), (sums.get(stateName(state)) ?? 0) + 1);
  const told = [...sums].map(([name, number]) => `${number} ${name}`).join(', ');
  return `${entry.caller_kind === 'system' ? 'proposed for' : 'decided on'} ${entry.table}${told ? `: ${told}` : ''}`;
}

function few(names: string[]): string {
  const [first = '', second = ''] = names;
  return names.length > 2 ? `${first}, ${second} and ${names.length - 2} more` : names.join(' and ');
}

const NAMES: Record<string, string> = { made_on: 'Found then', how: 'In which way', wait_for_second: 'Waits for a second person', note: 'Why', digest: 'Decided on', seen: 'Seen by them', sql: 'What ran' };
/** Of use to programs alone. */
const LEFT = ['table_uuid'];

/** Details of an entry, each with its lines. */
export function detailsOf(entry: Entry): [string, string[]][] {
  return Object.entries(entry.details ?? {})
    .filter(([name, value]) => !LEFT.includes(name) && !isNothing(value))
    .map(([name, value]) => [NAMES[name] ?? capital(name.replaceAll('_', ' ')), isMap(value) ? Object.entries(value).map(([key, one]) => `${key}: ${plain(one)}`) : [plain(value)]]);
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.filter((one) => one !== null).map(plain).join(', ');
  if (isMap(value)) return Object.entries(value).map(([key, one]) => `${key} ${plain(one)}`).join(', ');
  return String(value);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNothing(value: unknown): boolean {
  return value === null || value === '' || (typeof value === 'object' && !Object.keys(value).length);
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
