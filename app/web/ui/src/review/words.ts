/** What states, labels, tiers and masks of columns are called on the page. */
import type { Values } from '../api/client';

export type Kind = '' | 'good' | 'warn' | 'bad' | 'accent';

const STATES: Record<Values['ReviewState'], [string, Kind]> = {
  pending: ['not looked at', ''],
  proposed: ['proposed', 'accent'],
  open: ['open', 'good'],
  masked: ['masked', 'good'],
  denied: ['closed', 'bad'],
  stale: ['look again', 'warn'],
};

export function stateName(state: Values['ReviewState']): string {
  return STATES[state][0];
}

export function stateKind(state: Values['ReviewState']): Kind {
  return STATES[state][1];
}

/** `none.code` becomes "nothing personal: code", `date_of_birth` becomes "date of birth". */
export function labelName(label: string | null | undefined): string {
  if (!label) return 'nobody knows yet';
  const [head = '', kind = ''] = label.split('.');
  const plain = (word: string) => word.replaceAll('_', ' ');
  if (head === 'none') return kind ? `nothing personal: ${plain(kind)}` : 'nothing personal';
  return kind ? `${plain(head)}: ${plain(kind)}` : plain(head);
}

const TIERS = ['public', 'internal', 'personal', 'identifies a person', 'secret or special'];

export function tierName(tier: number | string): string {
  return TIERS[Number(tier)] ?? `tier ${tier}`;
}

export function tierKind(tier: number): Kind {
  return tier >= 4 ? 'bad' : tier === 3 ? 'warn' : '';
}

/** How sure it is that values are personal, in words and as a share. */
export function sureness(confidence: number): string {
  const share = `${Math.round(confidence * 100)} %`;
  const steps: [number, string][] = [
    [0.9, 'surely personal'],
    [0.65, 'probably personal'],
    [0.35, 'perhaps personal'],
    [0.1, 'probably not personal'],
    [0, 'surely not personal'],
  ];
  return `${steps.find(([least]) => confidence >= least)?.[1] ?? ''} (${share})`;
}

const MASKS: Record<Values['MaskMethod'], string> = {
  redact: 'as [redacted]',
  null: 'as empty',
  last4: 'last 4 signs',
  domain: 'domain alone',
  year: 'year alone',
  band: 'rounded',
};

export function maskName(mask: Values['MaskMethod'] | null | undefined): string {
  return mask ? MASKS[mask] : 'as its label asks';
}

/** A state with its mask, in words. */
export function outcomeName(state: Values['ReviewState'], mask: Values['MaskMethod'] | null | undefined): string {
  return state === 'masked' ? `masked, ${maskName(mask)}` : stateName(state);
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

/** What keeps somebody from opening a table. */
export function yoursWhy(yours: string): string {
  return yours === 'owns' ? 'You own this table' : `You ${yours} this table`;
}

/** What keeps somebody from letting a statement run. */
export function keptFrom(yours: string): string {
  if (yours === 'asked') return 'You asked for it';
  return yours === 'owns' ? 'You own a table of it' : `You ${yours} a table of it`;
}

const LIMITS: Record<string, string> = {
  LIM001: 'It would read more than one statement may.',
  LIM002: 'It would read more than is left of the day.',
  LIM003: 'The time of the day is used up.',
  LIM005: 'It reads a table whole that is to be read in parts.',
};

/** Why a statement is over a limit, by the code of what was found. */
export function limitName(code: string): string {
  return LIMITS[code] ?? `It is over a limit (${code}).`;
}

const HOWS: Record<Values['How'], string> = {
  '': '',
  first: 'first of two people',
  second: 'second of two people',
  bulk: 'with all that was clear',
  override: 'otherwise than proposed',
  found: 'found by a scan',
};

export function howName(how: Values['How']): string {
  return HOWS[how] ?? how;
}
