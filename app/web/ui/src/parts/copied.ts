/** Rows as text for a spreadsheet, which finds no formula in them, no other cell and no other row. */
import type { Values } from '../api/client';
import { isNumber, isTime } from './cells';

type Column = Pick<Values['OutputColumn'], 'name' | 'type'>;
/** As in files; the last four are the full-width forms. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/;
const INTERVAL = /^interval/;

export function copied(columns: Column[], rows: unknown[][]): string {
  const lines = rows.map((row) => columns.map((column, at) => cell(row[at], column)));
  return [columns.map((column) => text(column.name)), ...lines].map((line) => line.join('\t')).join('\n');
}

function cell(value: unknown, column: Column): string {
  if (value === null || value === undefined) return '';
  // They may begin with a sign, and hold no formula.
  if (isNumber(column) || isTime(column) || INTERVAL.test(column.type)) return String(value);
  return text(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function text(value: string): string {
  const flat = value.replace(/[\t\r\n]+/g, ' ');
  if (FORMULA.test(flat)) return `'${flat}`;
  // A spreadsheet takes such quotes away, and reads what was in them.
  return flat.startsWith('"') ? `"${flat.replaceAll('"', '""')}"` : flat;
}
