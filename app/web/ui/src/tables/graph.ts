/** Where the tables of a lineage stand, in layers from sources to what is made of them, and how its links run: beside tables, never behind one. */
import type { Values } from '../api/client';
import { layersOf, type Place } from './layers';

export interface Node {
  table: Values['LineageTable'];
  columns: string[];
  x: number;
  y: number;
  height: number;
  isOnWay: boolean;
}
export interface Line {
  path: string;
  isOnWay: boolean;
}
export interface Drawing {
  nodes: Node[];
  lines: Line[];
  width: number;
  height: number;
}
export const WIDTH = 208;
const GAP = 84;
const ROW = 20;
const HEAD = 54;
const SPACE = 18;
const LANE = 8;
/** How far a link that turns around reaches into a gap, and beyond the first and the last layer. */
const TURN = 48;

interface Spot {
  x: number;
  /** Where links meet it. */
  y: number;
  isLane: boolean;
}

/** Which columns of which tables a column comes from and goes to; it alone where nothing is known. */
export function wayOf(graph: Values['LineageGraph'], column: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>([[graph.table, new Set([column])]]);
  for (const [from, into] of [['target', 'source'], ['source', 'target']] as const) {
    const reached = [{ table: graph.table, column }];
    for (let next = reached.pop(); next; next = reached.pop()) {
      for (const link of graph.links) {
        if (link[from] !== next.table) continue;
        for (const pair of link.columns) {
          if (pair[from] !== next.column) continue;
          const there = found.get(link[into]) ?? new Set<string>();
          if (there.has(pair[into])) continue;
          found.set(link[into], there.add(pair[into]));
          reached.push({ table: link[into], column: pair[into] });
        }
      }
    }
  }
  return found;
}

export function drawn(graph: Values['LineageGraph'], column: string): Drawing {
  const way = column ? wayOf(graph, column) : null;
  const { layers, ways, turns } = layersOf(graph);
  const edge = turns ? TURN : 0;
  const tall = ({ table }: Place) => (table ? HEAD + (way?.get(table.table)?.size ?? 0) * ROW : LANE);
  const heights = layers.map((layer) => layer.reduce((sum, place) => sum + tall(place) + SPACE, -SPACE));
  const height = Math.max(...heights, 0);
  const nodes: Node[] = [];
  const spots = new Map<string, Spot>();
  layers.forEach((layer, at) => {
    const x = edge + at * (WIDTH + GAP);
    let y = (height - (heights[at] ?? 0)) / 2;
    for (const place of layer) {
      const table = place.table;
      spots.set(place.id, { x, y: y + (table ? HEAD : LANE) / 2, isLane: !table });
      if (table) nodes.push({ table, columns: [...(way?.get(table.table) ?? [])].sort(), x, y, height: tall(place), isOnWay: !way || way.has(table.table) });
      y += tall(place) + SPACE;
    }
  });
  const lines = graph.links.flatMap((link, at) => {
    const through = (ways[at] ?? []).map((id) => spots.get(id) as Spot);
    if (!through.length) return [];
    const isOnWay = !way || link.columns.some((pair) => way.get(link.source)?.has(pair.source) && way.get(link.target)?.has(pair.target));
    return [{ path: path(through), isOnWay }];
  });
  // Links share lanes: those that are followed are drawn over the others.
  lines.sort((one, other) => Number(one.isOnWay) - Number(other.isOnWay));
  return { nodes, lines, width: layers.length * (WIDTH + GAP) - GAP + 2 * edge, height };
}

/** A line through places, which leaves the gaps between layers only by lanes. */
function path([source, ...others]: Spot[]): string {
  if (!source) return '';
  let [x, y] = [source.x + WIDTH, source.y];
  let drawn = `M${x} ${y}`;
  for (const next of others) {
    // A link that runs back turns around beside its source, and again beside its target.
    const isOn = next.x > x;
    const into = isOn || !next.isLane ? next.x : next.x + WIDTH;
    if (into === x) drawn += curve(x, y, x, next.y, next.isLane ? TURN : -TURN);
    else drawn += curve(x, y, into, next.y, (into - x) / 2);
    [x, y] = [into, next.y];
    if (next.isLane) drawn += ` H${(x = isOn ? x + WIDTH : x - WIDTH)}`;
  }
  return drawn;
}

function curve(x1: number, y1: number, x2: number, y2: number, bend: number): string {
  return ` C${x1 + bend} ${y1} ${x1 === x2 ? x2 + bend : x2 - bend} ${y2} ${x2} ${y2}`;
}
