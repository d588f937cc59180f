/** What steps and ends of a run are called on the page. */
import type { IconName } from '../parts/Icon.svelte';

const STEPS: Record<string, string> = {
  planner: 'Understanding the question',
  schema_retriever: 'Finding the right tables',
  sql_writer: 'Writing SQL',
  validator: 'Checking it against your rights',
  run: 'Running it as you',
  examiner: 'Examining the result',
  answerer: 'Putting it into words',
};

export function stepName(step: string): string {
  return STEPS[step] ?? step.replaceAll('_', ' ');
}

export interface Ending {
  title: string;
  icon: IconName;
  kind: '' | 'warn' | 'bad';
}

const ENDS: Record<string, Ending> = {
  no_rows: { title: 'No rows', icon: 'search', kind: '' },
  drafted: { title: 'Written and checked, not run', icon: 'edit', kind: '' },
  needs_clarification: { title: 'One thing first', icon: 'ask', kind: '' },
  needs_approval: { title: 'A reviewer must allow this statement', icon: 'lock', kind: 'warn' },
  needs_model: { title: 'This cannot be answered now', icon: 'warn', kind: 'warn' },
  refused: { title: 'This is not open to you', icon: 'lock', kind: 'warn' },
  failed: { title: 'It could not be answered', icon: 'warn', kind: 'bad' },
  cancelled: { title: 'Stopped', icon: 'stop', kind: '' },
};

export function ending(status: string): Ending | null {
  return ENDS[status] ?? null;
}

const PATHS: Record<string, string> = {
  metric: 'By a metric that its owner defined',
  verified_query: 'By a query that people verified',
  model: 'SQL written by the model for this question',
};

export function pathName(path: string | null | undefined): string {
  return path ? (PATHS[path] ?? path) : '';
}
