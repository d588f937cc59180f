/** Which chart fits a result, and the few that a person picks from. A chart is what the API keeps: what is saved is what is drawn. */
import type { Values } from '../api/client';
import { isId, isNumber, isTime, numeric } from './cells';

type Column = Values['OutputColumn'];
type Channel = Values['Channel'];
export type Chart = Values['Chart'];
export const MARKS = ['bar', 'line', 'area', 'point', 'arc'] as const;
/** A chart in a person's words: a kind, and which columns it shows. */
export interface Choice {
  mark: Chart['mark'];
  along: string;
  measure: string;
  colour: string | null;
}

export const MOST_POINTS = 5_000;
export const MOST_BARS = 60;
export const MOST_COLOURS = 12;

/** The chart that a result is best read by; none for a single number or for text alone. */
export function fitting(columns: Column[], rows: unknown[][]): Chart | null {
  if (rows.length < 2 || rows.length > MOST_POINTS) return null;
  const numbers = columns.flatMap((column, at) => (isNumber(column) && !isId(column) ? [at] : []));
  const times = columns.flatMap((column, at) => (isTime(column) ? [at] : []));
  const words = columns.flatMap((column, at) => (!isNumber(column) && !isTime(column) ? [at] : []));
  const [time] = times;
  // A ranking may tell a date of each, too: it is read by what is ranked, and by the figure that ranks it.
  const isRanking = time !== undefined && !isInOrder(rows, time) && words.some((at) => kinds(rows, at) === rows.length);
  const y = isRanking ? (numbers.find((at) => isInOrder(rows, at)) ?? numbers.at(-1)) : numbers.at(-1);
  if (y === undefined) return null;
  const chart = (mark: Chart['mark'], x: number, colour: number | null = null) =>
    chartOf({ mark, along: columns[x]?.name ?? '', measure: columns[y]?.name ?? '', colour: colour === null ? null : (columns[colour]?.name ?? null) }, columns);
  if (time !== undefined && !isRanking) return chart('line', time, words.find((at) => kinds(rows, at) <= MOST_COLOURS) ?? null);
  const [word] = words;
  if (word !== undefined) {
    if (kinds(rows, word) > MOST_BARS) return null;
    return chart('bar', word, words.find((at) => at !== word && kinds(rows, at) <= MOST_COLOURS) ?? null);
  }
  const [first] = numbers;
  return first !== undefined && first !== y ? chart('point', first) : null;
}

/** Whether a column's values only rise, or only fall. */
function isInOrder(rows: unknown[][], at: number): boolean {
  const before = (one: unknown, other: unknown) => (Number.isNaN(numeric(one)) ? String(one) <= String(other) : numeric(one) <= numeric(other));
  const pairs = rows.slice(1).map((row, index) => [rows[index]?.[at], row[at]] as const);
  return pairs.every(([one, other]) => before(one, other)) || pairs.every(([one, other]) => before(other, one));
}

/** What was chosen, as the API keeps it. Bars of words lie on their side, so that long words can be read. */
export function chartOf(choice: Choice, columns: Column[]): Chart {
  const channel = (name: string): Channel => ({ field: name, type: kindOf(columns.find((column) => column.name === name)), bin: false });
  const [along, measure] = [channel(choice.along), channel(choice.measure)];
  const colour = choice.colour === null ? {} : { color: channel(choice.colour) };
  if (choice.mark === 'arc') return { mark: 'arc', encoding: { theta: measure, color: along, tooltip: [along, measure] } };
  const tooltip = [along, measure, ...(colour.color ? [colour.color] : [])];
  const places = choice.mark === 'bar' && along.type === 'nominal' ? { x: measure, y: along } : { x: along, y: measure };
  return { mark: choice.mark, encoding: { ...places, ...colour, tooltip } };
}

/** A chart in a person's words, as far as these reach. */
export function choiceOf(chart: Chart): Choice {
  const { x, y, theta, color } = chart.encoding;
  const [along, measure] = theta ? [color, theta] : x?.type === 'quantitative' && y && y.type !== 'quantitative' ? [y, x] : [x, y];
  return { mark: chart.mark, along: along?.field ?? '', measure: measure?.field ?? '', colour: theta ? null : (color?.field ?? null) };
}

export function kindOf(column: Column | undefined): 'quantitative' | 'temporal' | 'nominal' {
  if (!column) return 'nominal';
  return isNumber(column) ? 'quantitative' : isTime(column) ? 'temporal' : 'nominal';
}

export function kinds(rows: unknown[][], at: number): number {
  return new Set(rows.map((row) => row[at])).size;
}
