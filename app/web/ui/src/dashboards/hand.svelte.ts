/** Moves and sizes tiles by pointer: by their handle and by their corner. Buttons do the same for the keyboard. */
import { COLUMNS, dropped, sized, type Item } from './layout';

export class Hand {
  lifted = $state<number | null>(null);

  constructor(
    readonly items: () => Item[],
    readonly put: (items: Item[]) => void,
  ) {}

  /** Attached to what holds the board. */
  holds = (node: HTMLElement): (() => void) => {
    const down = (event: PointerEvent) => this.#take(event);
    node.addEventListener('pointerdown', down);
    return () => node.removeEventListener('pointerdown', down);
  };

  #take(event: PointerEvent): void {
    const grip = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-grip]') : null;
    const tile = grip?.closest<HTMLElement>('[data-key]');
    const board = tile?.parentElement;
    if (!grip || !tile || !board || event.button) return;
    event.preventDefault();
    const key = Number(tile.dataset['key']);
    const first = tile.getBoundingClientRect();
    const from = { x: event.clientX - first.left, y: event.clientY - first.top };
    const isSizing = grip.dataset['grip'] === 'size';
    this.lifted = key;
    const move = (now: PointerEvent) => {
      const { left, top, step, row } = measured(board);
      const item = this.items().find((one) => one.key === key);
      if (!item) return;
      if (isSizing) {
        const [w, h] = [Math.round((now.clientX - left) / step) - item.place.x, Math.round((now.clientY - top) / row) - item.place.y];
        if (w !== item.place.w || h !== item.place.h) this.put(sized(this.items(), key, w, h));
        return;
      }
      const [x, y] = [Math.round((now.clientX - from.x - left) / step), Math.max(0, Math.round((now.clientY - from.y - top) / row))];
      if (x !== item.place.x || y !== item.place.y) this.put(dropped(this.items(), key, x, y));
    };
    const end = () => {
      this.lifted = null;
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', end);
      removeEventListener('pointercancel', end);
    };
    addEventListener('pointermove', move);
    addEventListener('pointerup', end);
    addEventListener('pointercancel', end);
  }
}

function measured(board: HTMLElement): { left: number; top: number; step: number; row: number } {
  const { left, top, width } = board.getBoundingClientRect();
  const look = getComputedStyle(board);
  const gap = Number.parseFloat(look.columnGap) || 0;
  return { left, top, step: (width + gap) / COLUMNS, row: Number.parseFloat(look.gridAutoRows) + gap };
}
