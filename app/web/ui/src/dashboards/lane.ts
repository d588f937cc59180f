/** Rows of tiles, several at once and no more: the server reads four at a time for one caller. */
import { get } from '../api/client';

const AT_ONCE = 4;
const waiting: (() => void)[] = [];
let going = 0;

export async function read<T>(path: string, signal: AbortSignal): Promise<T> {
  if (going >= AT_ONCE) await new Promise<void>((go) => waiting.push(go));
  going += 1;
  try {
    signal.throwIfAborted();
    return await get<T>(path, {}, signal);
  } finally {
    going -= 1;
    waiting.shift()?.();
  }
}
