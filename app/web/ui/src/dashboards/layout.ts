/** Tiles on a grid of twelve columns, packed as the server packs them: in their order, each as high as it can stand. */
import type { Values } from '../api/client';

export const COLUMNS = 12;
const MOST_HIGH = 24;
export interface Item {
  key: number;
  questionId: string;
  /** As it was shown when it was loaded. */
  title: string;
  isRenamed: boolean;
  /** Where its rows are read. */
  path: string;
  closed: Values['Closed'][];
  place: Values['Place'];
}
export type Move = 'left' | 'right' | 'up' | 'down' | 'wider' | 'narrower' | 'taller' | 'shorter';

/** The items in their order, each with its place. */
export function packed(items: Item[]): Item[] {
  const depths = new Array<number>(COLUMNS).fill(0);
  return items.map((item) => {
    const { x, w, h } = item.place;
    const y = Math.max(...depths.slice(x, x + w));
    depths.fill(y + h, x, x + w);
    return { ...item, place: { x, y, w, h } };
  });
}

export function sorted(items: Item[]): Item[] {
  return [...items].sort((one, other) => one.place.y - other.place.y || one.place.x - other.place.x);
}

export function moved(items: Item[], key: number, move: Move): Item[] {
  const at = items.findIndex((item) => item.key === key);
  const item = items[at];
  if (!item) return items;
  if (move === 'up' || move === 'down') return packed(passed(items, at, move === 'up' ? -1 : 1));
  if (move === 'left' || move === 'right') return packed(sorted(beside(items, item, move === 'right' ? 1 : -1)));
  return packed(items.map((one) => (one === item ? { ...one, place: changed(one.place, move) } : one)));
}

/** One column on where there is room; else past those that stand beside it, which take its room. */
function beside(items: Item[], item: Item, step: 1 | -1): Item[] {
  const { x, y, w, h } = item.place;
  const wanted = x + step;
  if (wanted < 0 || wanted + w > COLUMNS) return items;
  const isHit = ({ place }: Item) => place.x < wanted + w && wanted < place.x + place.w && place.y < y + h && y < place.y + place.h;
  const hit = items.filter((one) => one !== item && isHit(one));
  const far = step > 0 ? Math.max(0, ...hit.map(({ place }) => place.x + place.w)) - w : Math.min(COLUMNS, ...hit.map(({ place }) => place.x));
  const to = hit.length ? far : wanted;
  return items.map((one) => {
    if (one === item) return { ...one, place: { ...one.place, x: to } };
    return hit.includes(one) ? { ...one, place: { ...one.place, x: one.place.x - step * w } } : one;
  });
}

/** Dropped at a column and a row. */
export function dropped(items: Item[], key: number, x: number, y: number): Item[] {
  const item = items.find((one) => one.key === key);
  if (!item) return items;
  const others = sorted(packed(items.filter((one) => one !== item)));
  const put = { ...item, place: { ...item.place, x: Math.min(Math.max(0, x), COLUMNS - item.place.w) } };
  const before = others.findIndex(({ place }) => (overlaps(place, put.place) ? place.y + place.h / 2 > y : place.y > y || (place.y === y && place.x > put.place.x)));
  return packed(before < 0 ? [...others, put] : [...others.slice(0, before), put, ...others.slice(before)]);
}

/** Sized to a number of columns and rows. */
export function sized(items: Item[], key: number, w: number, h: number): Item[] {
  const resize = ({ place }: Item) => ({ ...place, w: Math.min(Math.max(1, w), COLUMNS - place.x), h: Math.min(Math.max(1, h), MOST_HIGH) });
  return packed(items.map((one) => (one.key === key ? { ...one, place: resize(one) } : one)));
}

/** Below the others, half as wide as the grid. */
export function added(items: Item[], item: Omit<Item, 'place'>): Item[] {
  const deepest = (x: number) => Math.max(0, ...items.filter(({ place }) => place.x < x + 6 && x < place.x + place.w).map(({ place }) => place.y + place.h));
  const x = deepest(6) < deepest(0) ? 6 : 0;
  return packed([...items, { ...item, place: { x, y: 0, w: 6, h: 4 } }]);
}

/** As the API takes them: the order is told by the rows, which it packs. */
export function drafts(items: Item[]): Values['TileDraft'][] {
  return items.map((item, y) => ({ question_id: item.questionId, title: item.isRenamed ? item.title : null, place: { ...item.place, y } }));
}

function changed({ x, y, w, h }: Values['Place'], move: Move): Values['Place'] {
  const wide = Math.min(COLUMNS, Math.max(1, w + (move === 'wider' ? 1 : move === 'narrower' ? -1 : 0)));
  // What grew away from the right end shrinks towards it, so that one undoes the other.
  const left = move === 'narrower' && x > 0 && x + w === COLUMNS ? x + w - wide : x;
  const high = Math.min(MOST_HIGH, Math.max(1, h + (move === 'taller' ? 1 : move === 'shorter' ? -1 : 0)));
  return { x: Math.min(Math.max(0, left), COLUMNS - wide), y, w: wide, h: high };
}

/** Before the one above, or behind the one below. */
function passed(items: Item[], at: number, step: 1 | -1): Item[] {
  const item = items[at];
  if (!item) return items;
  let to = at + step;
  while (items[to] && !overlaps(items[to]!.place, item.place)) to += step;
  if (!items[to]) return items;
  const others = items.filter((one) => one !== item);
  return [...others.slice(0, to), item, ...others.slice(to)];
}

function overlaps(one: Values['Place'], other: Values['Place']): boolean {
  return one.x < other.x + other.w && other.x < one.x + one.w;
}
