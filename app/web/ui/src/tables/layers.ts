/** In which layer each table of a lineage stands, and the lanes through which links pass the layers between. */
import type { Values } from '../api/client';

/** A table, or a lane of links beside the tables of a layer. */
export interface Place {
  id: string;
  table: Values['LineageTable'] | null;
}
export interface Layers {
  layers: Place[][];
  /** Of each link: the places that it runs through, its ends included; none where an end is not there. */
  ways: string[][];
  /** Whether any link runs back, and so turns around beside its ends. */
  turns: boolean;
}
const SWEEPS = 6;

export function layersOf(graph: Values['LineageGraph']): Layers {
  const depth = depths(graph);
  const kept = [...new Set(depth.values())].sort((one, other) => one - other);
  const layerOf = new Map([...depth].map(([name, at]) => [name, kept.indexOf(at)]));
  const layers: Place[][] = kept.map(() => []);
  for (const table of graph.tables) layers[layerOf.get(table.table) ?? 0]?.push({ id: table.table, table });
  const lanes = new Set<string>();
  let turns = false;
  const ways = graph.links.map(({ source, target }) => {
    const [from, into] = [layerOf.get(source), layerOf.get(target)];
    if (from === undefined || into === undefined) return [];
    turns ||= from >= into;
    const between = passed(from, into).map((layer) => {
      // Links of one table share a lane, and part where they must.
      const id = `${source}\n${from < into ? 'on' : 'back'} ${layer}`;
      if (!lanes.has(id)) layers[layer]?.push({ id, table: null });
      lanes.add(id);
      return id;
    });
    return [source, ...between, target];
  });
  return { layers: ordered(layers, ways), ways, turns };
}

/** The layers that a link passes: those between its ends; of one that runs back, those of its ends, too. */
function passed(from: number, into: number): number[] {
  const [first, last] = from < into ? [from + 1, into - 1] : [into, from];
  const found = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  return from < into ? found : found.reverse();
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

/** Each layer in the order that crosses few links: near what its places are linked with. */
function ordered(layers: Place[][], ways: string[][]): Place[][] {
  const beside = new Map<string, string[]>();
  for (const way of ways) {
    for (const [at, id] of way.slice(1).entries()) {
      const before = way[at] as string;
      beside.set(before, [...(beside.get(before) ?? []), id]);
      beside.set(id, [...(beside.get(id) ?? []), before]);
    }
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const place = new Map(layers.flatMap((layer) => layer.map((one, at) => [one.id, (at + 0.5) / layer.length] as const)));
    const middle = (id: string): number => {
      const places = (beside.get(id) ?? []).map((other) => place.get(other) ?? 0);
      return places.length ? places.reduce((sum, one) => sum + one, 0) / places.length : (place.get(id) ?? 0);
    };
    layers.forEach((layer) => layer.sort((one, other) => middle(one.id) - middle(other.id)));
  }
  return layers;
}
