/** How values of a result are shown. What is copied or exported stays as it came. */
import type { Values } from '../api/client';

type Column = Pick<Values['OutputColumn'], 'type' | 'name'>;
const NUMBER = /^(tinyint|smallint|integer|bigint|real|double|decimal)/;
const WHOLE = /^-?\d+$/;

export function isNumber(column: Column): boolean {
  return NUMBER.test(column.type);
}

export function isTime(column: Column): boolean {
  return /^(date|timestamp)/.test(column.type);
}

/** Whether figures of a column name something and count nothing. */
export function isId(column: Column): boolean {
  return /(^|_)(id|key|code|zip|year)$/i.test(column.name);
}

/** A column's name as words. */
export function titled(name: string): string {
  return name.replaceAll('_', ' ').trim() || name;
}

/** Digits in groups, all of them: 9190511.60 becomes 9,190,511.60. */
export function shown(value: unknown, column: Column): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  if (!isNumber(column)) return isTime(column) ? text.replace('T', ' ').replace(/\.0+$/, '') : text;
  if (isId(column)) return text;
  const [whole = '', ...rest] = text.split('.');
  return WHOLE.test(whole) ? [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...rest].join('.') : text;
}

/** For sorting and for charts; NaN where there is none. */
export function numeric(value: unknown): number {
  return value === null || value === undefined || value === '' ? Number.NaN : Number(value);
}

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

export function ago(at: Date, now = new Date()): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const unit = UNITS.find(([, size]) => Math.abs(seconds) >= size);
  return unit ? RELATIVE.format(Math.round(seconds / unit[1]), unit[0]) : 'just now';
}

export function moment(at: Date): string {
  return at.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
}

export function duration(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
}
