/** The chart that a question asks for in words, as in "as a bar chart", where the columns allow it. */
import type { Values } from '../api/client';
import { isId, isNumber, isTime, numeric } from './cells';
import { chartOf, choiceOf, fitting, kinds, MOST_BARS, MOST_COLOURS, MOST_POINTS, type Chart } from './chart';

type Column = Values['OutputColumn'];
export type Form = NonNullable<Values['Answer']['shown_as']>;
/** A chart of that form; else why there is none, in a few words. */
type Said = { chart: Chart } | { why: string };
const PERIOD = /^\d{4}(-?q[1-4]|-w?\d{1,2}(-\d{2})?)?$/i;
const NAMES = { bar: 'bars', line: 'a line', area: 'an area', point: 'points', arc: 'a ring' };

/** Args: the form said; `table` is no chart. */
export function saidChart(form: Exclude<Form, 'table'>, columns: Column[], rows: unknown[][]): Said {
  const why = (because: string) => ({ why: `Not as ${NAMES[form]}: ${because}.` });
  if (rows.length < 2) return why('there is one row only');
  if (rows.length > MOST_POINTS) return why('there are too many rows');
  const best = fitting(columns, rows);
  if (best && best.mark === form) return { chart: best };
  const [x, y] = placed(form, columns, rows, best);
  if (!y) return why('no column is a figure');
  if (!x) return why(columns.length < 2 ? 'there is one column only' : 'no column is a time or a number that it could go along');
  const [along, many] = [columns.indexOf(x), kinds(rows, columns.indexOf(x))];
  if (form === 'bar' && !isTime(x) && many > MOST_BARS) return why(`there would be ${many.toLocaleString('en')} of them`);
  if (form === 'arc' && isTime(x)) return why('times are no parts of a whole');
  if (form === 'arc' && many > MOST_COLOURS) return why(`it would have ${many.toLocaleString('en')} parts`);
  if (form === 'arc' && many < rows.length) return why('some parts would be there more than once');
  if (form === 'arc' && rows.some((row) => numeric(row[columns.indexOf(y)]) < 0)) return why('some figures are below zero');
  // Rows that share a place are told apart by a colour.
  const isTold = (column: Column, at: number) => at !== along && !isNumber(column) && !isTime(column) && kinds(rows, at) <= MOST_COLOURS;
  const colour = many < rows.length ? columns.find(isTold) : undefined;
  return { chart: inSteps(chartOf({ mark: form, along: x.name, measure: y.name, colour: colour?.name ?? null }, columns), x) };
}

/** Which column it goes along, and which it measures. */
function placed(form: Form, columns: Column[], rows: unknown[][], best: Chart | null): [Column | undefined, Column | undefined] {
  const found = best && choiceOf(best);
  const numbers = columns.filter((column) => isNumber(column) && !isId(column));
  const y = columns.find((column) => column.name === found?.measure) ?? numbers.at(-1);
  const others = columns.filter((column) => column !== y);
  if (form === 'line' || form === 'area') return [others.find(isTime) ?? others.find((column) => isPeriod(column, columns, rows)) ?? others.find(isNumber), y];
  const first = others.find((column) => column.name === found?.along) ?? others.find((column) => !isNumber(column)) ?? others[0];
  return [form === 'point' ? (numbers.find((column) => column !== y) ?? first) : first, y];
}

/** Whether words name years, quarters, months, weeks or days. */
function isPeriod(column: Column, columns: Column[], rows: unknown[][]): boolean {
  const at = columns.indexOf(column);
  return !isNumber(column) && rows.every((row) => PERIOD.test(String(row[at] ?? '')));
}

/** What bars stand on, and years, go in steps: between two of them there is nothing. */
function inSteps(chart: Chart, along: Column): Chart {
  const { x, color, theta } = chart.encoding;
  if (theta) return color ? { ...chart, encoding: { ...chart.encoding, color: { ...color, type: 'nominal' } } } : chart;
  if (!x || x.field !== along.name || isTime(along)) return chart;
  const isLine = chart.mark === 'line' || chart.mark === 'area';
  if (isNumber(along) && !isId(along) && chart.mark !== 'bar') return chart;
  return { ...chart, encoding: { ...chart.encoding, x: { ...x, type: 'ordinal', ...(isLine ? { sort: 'ascending' } : {}) } } };
}
