/** A chart of the API as Vega-Lite. Columns go by number, so that no name of one is read as a path. */
import type { Values } from '../api/client';
import { numeric, titled } from './cells';
import { kindOf, kinds, type Chart } from './chart';

type Column = Values['OutputColumn'];
type Channel = Values['Channel'];
const WORDS = ['nominal', 'ordinal'];
const FEW_SIGNS = 36;
const MOST_PIXELS = 6_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Args: the height in pixels of what it is drawn in; a height that fits, when not given. */
export function specOf(chart: Chart, columns: Column[], rows: unknown[][], tall?: number): Record<string, unknown> {
  const at = (channel: Channel) => columns.findIndex((column) => column.name === channel.field);
  const { tooltip, ...places } = chart.encoding;
  const given = Object.entries(places).filter((place): place is [string, Channel] => !!place[1]);
  const used = new Set([...given.map(([, channel]) => channel), ...(tooltip ?? [])].filter((channel) => channel.field).map(at));
  const values = rows.map((row) => Object.fromEntries([...used].map((one) => [`c${one}`, valueOf(row[one], columns[one])])));
  const encoding: Record<string, unknown> = Object.fromEntries(given.map(([name, channel]) => [name, drawn(name, channel, at(channel))]));
  const told = tooltip?.length ? tooltip : given.map(([, channel]) => channel);
  encoding['tooltip'] = told.map((channel) => drawn('tooltip', channel, at(channel)));
  const words = chart.encoding.y && WORDS.includes(chart.encoding.y.type) && chart.encoding.y.field ? kinds(rows, at(chart.encoding.y)) : 0;
  const isRing = chart.mark === 'arc';
  const x = chart.encoding.x;
  const along = x && WORDS.includes(x.type) && x.field ? [...new Set(rows.map((row) => String(row[at(x)] ?? '')))] : [];
  // A few short words stand upright; more of them would run into each other.
  if (along.length && along.join(' ').length <= FEW_SIGNS) encoding['x'] = { ...(encoding['x'] as object), axis: { labelLimit: 160, labelAngle: 0 } };
  if (chart.mark === 'bar' && x?.type === 'temporal' && x.field && !x.timeUnit) {
    encoding['x'] = { ...(encoding['x'] as object), timeUnit: unitOf(rows.map((row) => String(row[at(x)] ?? ''))) };
  }
  const beside = besideOf(chart, rows, at);
  if (beside) encoding[`${beside}Offset`] = { field: `c${at(chart.encoding.color as Channel)}`, type: 'nominal', sort: null };
  const bars = beside === 'y' ? rows.length : words;
  return {
    data: { values },
    mark: markOf(chart.mark, rows.length),
    encoding,
    ...(chart.title ? { title: chart.title } : {}),
    ...(chart.encoding.column ? {} : { width: 'container' }),
    height: words ? Math.min(MOST_PIXELS, Math.max(Math.max(2, bars) * (tall || beside ? 22 : 30), Math.min(tall ?? 0, bars * 60))) : (tall ?? (isRing ? 240 : 280)),
    ...(isRing ? { autosize: { type: 'fit', contains: 'padding' } } : {}),
  };
}

function markOf(mark: Chart['mark'], count: number): Record<string, unknown> {
  if (mark === 'arc') return { type: mark, innerRadius: 50 };
  if (mark === 'bar') return { type: mark, cornerRadiusEnd: 3 };
  return mark === 'line' ? { type: mark, point: count <= 40 } : { type: mark };
}

/** Bars of one word stand beside each other: what the figures are is not known, and a price by the month is not added to one by the year. */
function besideOf(chart: Chart, rows: unknown[][], at: (channel: Channel) => number): 'x' | 'y' | null {
  const { x, y, color } = chart.encoding;
  const along = [x, y].find((channel) => channel?.field && WORDS.includes(channel.type));
  if (chart.mark !== 'bar' || !along || !color?.field || !WORDS.includes(color.type) || color.field === along.field) return null;
  if (kinds(rows, at(along)) === rows.length) return null;
  return along === x ? 'x' : 'y';
}

/** Without an order of its own a channel keeps the order of the rows, which the statement chose. */
function drawn(place: string, channel: Channel, at: number): Record<string, unknown> {
  const { field, title, aggregate, bin, timeUnit, sort, type } = channel;
  const isAxis = place === 'x' || place === 'y';
  return {
    type,
    ...(field ? { field: `c${at}` } : {}),
    title: title ?? (aggregate ? [aggregate, titled(field ?? '')].filter(Boolean).join(' of ') : titled(field ?? '')),
    ...(aggregate ? { aggregate } : {}),
    ...(bin ? { bin } : {}),
    ...(timeUnit ? { timeUnit } : {}),
    ...(place === 'tooltip' ? {} : sort ? { sort } : WORDS.includes(type) ? { sort: null } : {}),
    ...(isAxis && WORDS.includes(type) ? { axis: { labelLimit: 160 } } : {}),
  };
}

function valueOf(value: unknown, column: Column | undefined): unknown {
  if (value === null || value === undefined) return null;
  if (kindOf(column) === 'temporal') return hereAndNow(String(value));
  if (kindOf(column) !== 'quantitative') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  const number = numeric(value);
  return Number.isNaN(number) ? null : number;
}

/** A day of a calendar is that day everywhere: a bare date would be midnight in Greenwich, and the day before west of it. */
function hereAndNow(text: string): string {
  return DAY.test(text) ? `${text}T00:00:00` : text.replace(' ', 'T');
}

/** As wide as what each bar stands for: without a unit it would be a hair. */
function unitOf(values: string[]): string {
  const days = values.map((value) => value.slice(0, 10));
  if (values.some((value) => !DAY.test(value) && !value.includes('00:00:00'))) return 'yearmonthdatehours';
  if (days.every((day) => day.endsWith('-01-01'))) return 'year';
  return days.every((day) => day.endsWith('-01')) ? 'yearmonth' : 'yearmonthdate';
}
