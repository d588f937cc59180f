/** A dashboard as the API tells it, as tiles of the page. */
import type { Values } from '../api/client';
import type { Item } from './layout';

type Board = Values['Dashboard'];

/** As it is sent back, with other sharing. */
export function draftOf(board: Board, sharing: Board['sharing']): Values['DashboardDraft'] {
  const { name, description, embeddable } = board;
  const tiles = board.tiles.flatMap((tile) => (tile.question_id ? [{ question_id: tile.question_id, title: tile.renamed ? tile.title : null, place: tile.place }] : []));
  return { name, description, sharing, embeddable, tiles };
}

export function itemsOf(board: Board): Item[] {
  return board.tiles.map((tile) => ({
    key: tile.number,
    questionId: tile.question_id ?? '',
    title: tile.title,
    isRenamed: tile.renamed,
    // The version makes it read anew after a change: the same number may be another question then.
    path: `v1/dashboards/${board.id}/tiles/${tile.number}?version=${board.version}`,
    closed: tile.closed,
    place: tile.place,
  }));
}

/** What a page of another origin puts the dashboard into itself with. */
export function snippet(address: string, name: string): string {
  const escaped = name.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return `<iframe src="${address}" title="${escaped}" width="100%" height="640" style="border:0"></iframe>`;
}
