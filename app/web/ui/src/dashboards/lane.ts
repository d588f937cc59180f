/** Rows of tiles, several at once and no more: the server reads four at a time for one caller. */
import { asProblem, get } from '../api/client';

const AT_ONCE = 4;
const TRIES = 8;
const waiting: (() => void)[] = [];
let going = 0;

export async function read<T>(path: string, signal: AbortSignal): Promise<T> {
  if (going >= AT_ONCE) await new Promise<void>((go) => waiting.push(go));
  going += 1;
  try {
    return await patient<T>(path, signal);
  } finally {
    going -= 1;
    waiting.shift()?.();
  }
}

/** Other windows of the caller count, too: then it waits for its turn. */
async function patient<T>(path: string, signal: AbortSignal): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    signal.throwIfAborted();
    try {
      return await get<T>(path, {}, signal);
    } catch (fault) {
      if (signal.aborted || asProblem(fault).status !== 429 || tries >= TRIES) throw fault;
      await new Promise((done) => setTimeout(done, 500 * (tries + 1)));
    }
  }
}
