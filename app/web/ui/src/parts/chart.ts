/** Which chart fits a result, and the few kinds that there are. Only fields, types and marks: no expressions, no addresses. */
import type { Values } from '../api/client';
import { isNumber, isTime, numeric } from './cells';

type Column = Values['OutputColumn'];
export const MARKS = ['bar', 'line', 'area', 'point', 'arc'] as const;
export type Mark = (typeof MARKS)[number];
export interface Chart {
  mark: Mark;
  x: number;
  y: number;
  color: number | null;
}

const MOST_POINTS = 5_000;
const MOST_BARS = 60;
const MOST_COLOURS = 12;

/** The chart that a result is best read by; none for a single number or for text alone. */
export function fitting(columns: Column[], rows: unknown[][]): Chart | null {
  if (rows.length < 2 || rows.length > MOST_POINTS) return null;
  const numbers = columns.flatMap((column, at) => (isNumber(column) && !isId(column) ? [at] : []));
  const y = numbers.at(-1);
  if (y === undefined) return null;
  const times = columns.flatMap((column, at) => (isTime(column) ? [at] : []));
  const words = columns.flatMap((column, at) => (!isNumber(column) && !isTime(column) ? [at] : []));
  const colour = words.find((at) => kinds(rows, at) <= MOST_COLOURS) ?? null;
  const [time] = times;
  if (time !== undefined) return { mark: 'line', x: time, y, color: colour };
  const [word] = words;
  if (word !== undefined) {
    if (kinds(rows, word) > MOST_BARS) return null;
    return { mark: 'bar', x: word, y, color: words.find((at) => at !== word && kinds(rows, at) <= MOST_COLOURS) ?? null };
  }
  const [first] = numbers;
  return first !== undefined && first !== y ? { mark: 'point', x: first, y, color: null } : null;
}

function isId(column: Column): boolean {
  return /(^|_)(id|key|year)$/.test(column.name);
}

function kinds(rows: unknown[][], at: number): number {
  return new Set(rows.map((row) => row[at])).size;
}

/** As Vega-Lite. Columns go by number, so that no name of one is read as a path. */
export function specOf(chart: Chart, columns: Column[], rows: unknown[][]): Record<string, unknown> {
  const used = [chart.x, chart.y, ...(chart.color === null ? [] : [chart.color])];
  const values = rows.map((row) => Object.fromEntries(used.map((at) => [`c${at}`, valueOf(row[at], columns[at])])));
  const field = (at: number, more: object = {}) => ({ field: `c${at}`, type: kindOf(columns[at]), title: columns[at]?.name ?? '', ...more });
  const tooltip = used.map((at) => field(at));
  const color = chart.color === null ? {} : { color: field(chart.color) };
  if (chart.mark === 'arc') {
    return { data: { values }, mark: { type: 'arc', innerRadius: 60 }, encoding: { theta: field(chart.y), color: field(chart.x), tooltip } };
  }
  const isSideways = chart.mark === 'bar' && kindOf(columns[chart.x]) === 'nominal';
  const across = field(chart.x, kindOf(columns[chart.x]) === 'nominal' ? { sort: null, axis: { labelLimit: 200 } } : {});
  const along = field(chart.y);
  return {
    data: { values },
    mark: { type: chart.mark, ...(chart.mark === 'bar' ? { cornerRadiusEnd: 3 } : {}), ...(chart.mark === 'line' ? { point: rows.length <= 40 } : {}) },
    encoding: { ...(isSideways ? { x: along, y: across } : { x: across, y: along }), ...color, tooltip },
    width: 'container',
    height: isSideways ? Math.max(2, kinds(rows, chart.x)) * 30 : 280,
  };
}

function kindOf(column: Column | undefined): 'quantitative' | 'temporal' | 'nominal' {
  if (!column) return 'nominal';
  return isNumber(column) ? 'quantitative' : isTime(column) ? 'temporal' : 'nominal';
}

function valueOf(value: unknown, column: Column | undefined): unknown {
  if (!column || !isNumber(column)) return value === null || value === undefined ? null : String(value);
  const number = numeric(value);
  return Number.isNaN(number) ? null : number;
}
