/** Calls of the agent API. Every fault comes as a `Problem`, also that nothing answers. */
import type { components } from './schema';

export type Values = components['schemas'];
type Query = Record<string, string | number | boolean | null | undefined>;
export interface Options {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    readonly title: string,
    readonly detail: string,
    readonly next = '',
    readonly findings: Values['Finding'][] = [],
  ) {
    super(detail || title);
  }

  get isOffline(): boolean {
    return this.status === 0;
  }
}

const lost = new Set<() => void>();

/** Be told when nobody is signed in any more. Gives what ends that. */
export function whenSignedOut(tell: () => void): () => void {
  lost.add(tell);
  return () => lost.delete(tell);
}

const SOON_SECONDS = 15;
const MOST_TRIES = 4;

/**
 * The address of a path of the API.
 *
 * What stands in a link becomes a part of a path: it may not lead to another one.
 */
export function address(path: string, query: Query = {}): string {
  const url = new URL(path, document.baseURI);
  const isElsewhere = path.split(/[/?]/).some((part) => /^(\.|%2e)+$/i.test(part));
  if (isElsewhere || url.origin !== location.origin) {
    throw new Problem(404, 'not-found', 'There is nothing of that name', 'The link leads nowhere, or it was cut off.', 'Look for it in the list.');
  }
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') url.searchParams.set(name, String(value));
  }
  return url.href;
}

export async function request(method: string, path: string, options: Options = {}): Promise<Response> {
  const { query, body, signal, headers } = options;
  const init: RequestInit = { method, headers: { accept: 'application/json', ...headers }, cache: 'no-store' };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, 'content-type': 'application/json' };
  }
  const response = await answered(address(path, query), init);
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (response.status === 401) lost.forEach((tell) => tell());
  throw problem;
}

/** What the server answers. What only reads is read again where the server says that it is soon taken. */
async function answered(url: string, init: RequestInit): Promise<Response> {
  for (let tries = 1; ; tries++) {
    let response: Response;
    try {
      response = await fetch(url, init);
    } catch (fault) {
      if (init.signal?.aborted) throw fault;
      throw new Problem(0, 'offline', 'Skipper does not answer', 'The server cannot be reached.', 'Look at your network; it goes on by itself once it is back.');
    }
    const seconds = Number(response.headers.get('retry-after') ?? NaN);
    const isSoon = response.status === 429 && seconds <= SOON_SECONDS;
    if (init.method !== 'GET' || !isSoon || tries >= MOST_TRIES) return response;
    await response.body?.cancel();
    await pause(1000 * seconds + 500 * Math.random(), init.signal);
  }
}

/** Wait, or until the network is back or nobody waits any more. */
export function pause(ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener('online', end);
      signal?.removeEventListener('abort', end);
      done();
    };
    const timer = setTimeout(end, ms);
    addEventListener('online', end);
    signal?.addEventListener('abort', end);
  });
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const told = (await response.json()) as Values['Problem'];
    return new Problem(response.status, told.type, told.title, told.detail, told.next, told.findings ?? []);
  } catch {
    return new Problem(response.status, 'unknown', `The server said ${response.status}`, response.statusText);
  }
}

/** JSON of which no figure is rounded: whole numbers that JavaScript cannot hold stay as they are written. */
export function parsed(text: string): unknown {
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown);
}

function exact(_key: string, value: unknown, context?: { source?: string }): unknown {
  const isRounded = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isRounded ? (context?.source ?? value) : value;
}

export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  const response = await request('GET', path, signal ? { query, signal } : { query });
  return parsed(await response.text()) as T;
}

export async function send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, options: Options = {}): Promise<T> {
  const response = await request(method, path, options);
  return (response.status === 204 ? undefined : parsed(await response.text())) as T;
}

export function asProblem(fault: unknown): Problem {
  return fault instanceof Problem ? fault : new Problem(-1, 'page', 'The page met something it does not know', String(fault));
}
