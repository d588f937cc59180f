/** What a choice of a reviewer makes of a column. The server decides; this tells it beforehand. */
import type { Values } from '../api/client';

export type Column = Values['ColumnFacts'];
export type Label = Values['LabelPage'];
export type Action = 'approve' | 'open' | 'mask' | 'deny' | 'label';
export interface Choice {
  action: Action;
  /** For `label`, null is what the label asks for. */
  mask: Values['MaskMethod'] | null;
  note: string;
  /** The column as it was when it was chosen: of one that changed since, nothing is chosen. */
  seen: string;
  /** What it holds instead, for `label`. */
  label?: Label;
}
export interface Outcome {
  state: Values['ReviewState'];
  mask: Values['MaskMethod'] | null;
}

/** What it was found to hold: what a scan found since it was decided on comes first. */
export function labelOf(column: Column): string {
  return column.found?.label ?? column.label ?? '';
}

/** Live credentials: nobody reads them, so they are emptied or closed. */
export function isSecret(column: Column): boolean {
  return labelOf(column).split('.')[0] === 'credential';
}

export function isHarmless(column: Column): boolean {
  return ['', 'none'].includes(labelOf(column).split('.')[0] ?? '');
}

export function fittingMasks(column: Column): Values['MaskMethod'][] {
  return isSecret(column) ? ['null'] : column.masks;
}

export function becomes(column: Column, choice: Choice): Outcome {
  if (choice.action === 'open') return { state: 'open', mask: null };
  if (choice.label) return choice.label.mask ? { state: 'masked', mask: choice.mask ?? choice.label.mask ?? null } : { state: 'open', mask: null };
  if (choice.action === 'deny') return { state: 'denied', mask: null };
  if (choice.action === 'mask') return { state: 'masked', mask: choice.mask };
  if (column.proposal) return { state: column.proposal.state, mask: column.proposal.mask ?? null };
  return isHarmless(column) ? { state: 'open', mask: null } : { state: 'masked', mask: null };
}

/** Whether a value, or a part of one, is seen. */
export function shows(outcome: Outcome): boolean {
  return outcome.state === 'open' || (outcome.state === 'masked' && outcome.mask !== null && !['redact', 'null'].includes(outcome.mask));
}

/** Whether nothing is seen of it until somebody else decides the same. */
export function waitsForSecond(column: Column, choice: Choice, me: string): boolean {
  const outcome = becomes(column, choice);
  const first = column.first;
  const isSame = first?.state === outcome.state && (first.mask ?? null) === outcome.mask;
  const isOther = first ? first.reviewer.toLowerCase() !== me.toLowerCase() : false;
  // What is said to be less grave than it was held to be needs a second person, too.
  const isGrave = column.needs_two_people || Boolean(choice.label?.needs_two_people);
  const isLighter = Boolean(choice.label) && column.needs_two_people && !choice.label?.needs_two_people;
  return isGrave && (shows(outcome) || isLighter) && !(isSame && isOther);
}

/** Another label, or opening what was not proposed to be opened or what nobody knows: it needs a reason. */
export function isOverride(column: Column, choice: Choice): boolean {
  if (choice.action === 'label') return true;
  return choice.action === 'open' && (column.unscanned || becomes(column, { ...choice, action: 'approve' }).state !== 'open');
}

/** Whether something is seen of it by this choice of which nobody said what it holds. */
export function isBlind(column: Column, choice: Choice): boolean {
  return column.unscanned && !choice.label && shows(becomes(column, choice));
}

/** Whether it is read in the clear by this choice, though its label or its name says that it may be personal. */
export function isPersonal(column: Column, choice: Choice): boolean {
  return column.looks_personal && !choice.label && becomes(column, choice).state === 'open';
}
