/** A run as it is told: server-sent events over fetch, taken up again where the line broke. */
import { parsed, pause, Problem, request, type Values } from './client';

export interface RunEvent {
  seq: number;
  run_id: string;
  type: string;
  at: string;
  /** What each kind tells stands in docs/guide/api.md. */
  data: Record<string, any>;
}

const MOST_TRIES = 30;
const AGAIN_MS = [500, 1000, 2000, 4000, 8000];

/** Ask, and hear everything until the run has ended or waits. The key makes asking again harmless. */
export async function* ask(wanted: Partial<Values['RunRequest']> & { question: string }, key: string, signal: AbortSignal): AsyncGenerator<RunEvent> {
  yield* heard((after, runId) => (runId ? listen(runId, after, signal) : begin('v1/runs', wanted, key, signal)), signal);
}

/** Bring a run on that waits. */
export async function* resume(runId: string, reply: string | null, after: number, key: string, signal: AbortSignal): AsyncGenerator<RunEvent> {
  let begun = false;
  yield* heard(async (last) => {
    if (begun) return listen(runId, last, signal);
    const response = await begin(`v1/runs/${runId}/resume`, { reply }, key, signal);
    begun = true;
    return response;
  }, signal, after);
}

/** Hear a run from an event on. */
export async function* follow(runId: string, after: number, signal: AbortSignal): AsyncGenerator<RunEvent> {
  yield* heard((last) => listen(runId, last, signal), signal, after);
}

const STREAM = { accept: 'text/event-stream' };

function begin(path: string, body: unknown, key: string, signal: AbortSignal): Promise<Response> {
  return request('POST', path, { body, signal, headers: { ...STREAM, 'idempotency-key': key } });
}

function listen(runId: string, after: number, signal: AbortSignal): Promise<Response> {
  return request('GET', `v1/runs/${runId}/events`, { signal, headers: { ...STREAM, 'last-event-id': String(after) } });
}

async function* heard(open: (after: number, runId: string) => Promise<Response>, signal: AbortSignal, after = 0): AsyncGenerator<RunEvent> {
  let last = after;
  let runId = '';
  for (let tries = 0; ; ) {
    try {
      const response = await open(last, runId);
      let hasEnded = false;
      for await (const event of frames(response)) {
        tries = 0;
        [last, runId] = [event.seq, event.run_id];
        hasEnded = event.type === 'run.finished' || event.type === 'run.failed';
        yield event;
      }
      // A turn that waited has an end of its own: the server closes after the last one.
      if (hasEnded || tries >= MOST_TRIES) return;
    } catch (fault) {
      if (signal.aborted) return;
      const isPassing = !(fault instanceof Problem) || fault.isOffline || fault.status === 503;
      if (!isPassing || tries >= MOST_TRIES) throw fault;
    }
    if (signal.aborted) return;
    await pause(AGAIN_MS[Math.min(tries++, AGAIN_MS.length - 1)] ?? 8000, signal);
  }
}

async function* frames(response: Response): AsyncGenerator<RunEvent> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let kept = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (kept + value).split(/\r?\n\r?\n/);
      kept = parts.pop() ?? '';
      for (const part of parts) {
        const data = part.split(/\r?\n/).filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart());
        if (data.length) yield parsed(data.join('\n')) as RunEvent;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
