/** What the keys of a reviewer do. They are heard only while the list of columns has the focus. */
import { isSecret } from './choice';
import type { TableReview } from './table.svelte';

export type Done = 'moved' | 'chosen' | 'next' | 'keys' | 'preview' | 'send' | null;

export const KEYS: [string, string][] = [
  ['j or ↓', 'next column'],
  ['k or ↑', 'column before'],
  ['Shift J', 'next column that has no choice yet'],
  ['a', 'approve what is proposed'],
  ['o', 'open it in the clear'],
  ['m', 'mask it; again for the next mask'],
  ['d', 'close it for everybody'],
  ['l', 'say that it holds something else'],
  ['u', 'take the choice back'],
  ['Shift A', 'approve all that is proposed, and go to what is left'],
  ['Enter', 'look at what opens for whom, then apply it'],
  ['Ctrl Enter', 'apply at once, unless something looks personal or was not scanned'],
  ['n', 'next table'],
  ['?', 'these keys'],
];

interface Rights {
  decides: boolean;
  mayOpen: boolean;
  isEmpty: boolean;
}

export function act(event: KeyboardEvent, review: TableReview, rights: Rights): Done {
  const target = event.target as HTMLElement;
  const isSending = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
  if (isSending) return rights.decides && !rights.isEmpty ? 'send' : null;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  if (target.matches('input, select, textarea')) return event.key === 'Escape' ? 'moved' : null;
  const moved = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  if (moved !== undefined) {
    review.move(moved);
    return 'moved';
  }
  if (event.key === 'J') {
    review.moveToLeft();
    return 'moved';
  }
  if (event.key === 'Enter') return target.matches('[role=row]') && !rights.isEmpty ? 'preview' : null;
  if (event.key === 'n') return 'next';
  if (event.key === '?') return 'keys';
  return rights.decides ? choose(event.key, review, rights.mayOpen) : null;
}

function choose(key: string, review: TableReview, mayOpen: boolean): Done {
  const column = review.active;
  if (!column) return null;
  if (key === 'd') review.choose(column, 'deny');
  else if (key === 'u') review.undo(column);
  else if (!mayOpen) return null;
  else if (key === 'a' && column.proposal) review.choose(column, 'approve');
  else if (key === 'A') {
    review.approveRest();
    if (review.isChosen(column)) review.moveToLeft();
    return 'moved';
  } else if (key === 'm') review.choose(column, 'mask');
  else if (key === 'l') review.relabelled = column.column;
  else if (key === 'o' && !isSecret(column)) review.choose(column, 'open');
  else return null;
  return 'chosen';
}
