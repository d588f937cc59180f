/** Where the tables of a lineage stand: in layers from sources to what is made of them, with few crossings. */
import type { Values } from '../api/client';

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
const SWEEPS = 6;

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
  const layers = layered(graph);
  const nodes = new Map<string, Node>();
  const heights = layers.map((layer) => layer.reduce((sum, table) => sum + heightOf(way?.get(table.table)) + SPACE, -SPACE));
  const height = Math.max(...heights, 0);
  layers.forEach((layer, at) => {
    let y = (height - (heights[at] ?? 0)) / 2;
    for (const table of layer) {
      const columns = [...(way?.get(table.table) ?? [])].sort();
      const tall = heightOf(way?.get(table.table));
      nodes.set(table.table, { table, columns, x: at * (WIDTH + GAP), y, height: tall, isOnWay: !way || way.has(table.table) });
      y += tall + SPACE;
    }
  });
  const lines = graph.links.flatMap((link) => {
    const [source, target] = [nodes.get(link.source), nodes.get(link.target)];
    if (!source || !target) return [];
    const isOnWay = !way || link.columns.some((pair) => way.get(link.source)?.has(pair.source) && way.get(link.target)?.has(pair.target));
    return [{ path: curve(source, target), isOnWay }];
  });
  return { nodes: [...nodes.values()], lines, width: layers.length * (WIDTH + GAP) - GAP, height };
}

function heightOf(columns: Set<string> | undefined): number {
  return HEAD + (columns?.size ?? 0) * ROW;
}

/** How many links lead up to each table at most; links that close a circle do not count. */
function depths(graph: Values['LineageGraph']): Map<string, number> {
  const [sources, targets] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const { source, target } of graph.links) {
    sources.set(target, [...(sources.get(target) ?? []), source]);
    targets.set(source, [...(targets.get(source) ?? []), target]);
  }
  const found = new Map<string, number>();
  const onWay = new Set<string>();
  const depth = (name: string): number => {
    const known = found.get(name);
    if (known !== undefined) return known;
    onWay.add(name);
    const before = (sources.get(name) ?? []).filter((source) => !onWay.has(source)).map(depth);
    onWay.delete(name);
    const own = before.length ? Math.max(...before) + 1 : 0;
    found.set(name, own);
    return own;
  };
  graph.tables.forEach(({ table }) => depth(table));
  // What comes from nowhere stands next to what is made of it.
  for (const { table } of graph.tables) {
    const after = (targets.get(table) ?? []).map((target) => found.get(target) ?? 0);
    if (!sources.has(table) && after.length) found.set(table, Math.max(0, Math.min(...after) - 1));
  }
  return found;
}

function layered(graph: Values['LineageGraph']): Values['LineageTable'][][] {
  const depth = depths(graph);
  const places = [...new Set(depth.values())].sort((one, other) => one - other);
  const layers = places.map((at) => graph.tables.filter((table) => depth.get(table.table) === at));
  const beside = new Map<string, string[]>();
  for (const { source, target } of graph.links) {
    beside.set(source, [...(beside.get(source) ?? []), target]);
    beside.set(target, [...(beside.get(target) ?? []), source]);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const place = new Map(layers.flatMap((layer) => layer.map((table, at) => [table.table, (at + 0.5) / layer.length] as const)));
    const middle = (name: string): number => {
      const places = (beside.get(name) ?? []).map((other) => place.get(other) ?? 0);
      return places.length ? places.reduce((sum, one) => sum + one, 0) / places.length : (place.get(name) ?? 0);
    };
    layers.forEach((layer) => layer.sort((one, other) => middle(one.table) - middle(other.table)));
  }
  return layers;
}

function curve(source: Node, target: Node): string {
  const [x1, y1, y2] = [source.x + WIDTH, source.y + HEAD / 2, target.y + HEAD / 2];
  const x2 = target.x;
  // What runs within a layer, or back, bows out at the side.
  const bend = x2 > x1 ? (x2 - x1) / 2 : GAP * 0.8;
  return `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
