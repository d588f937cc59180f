/** One question and what came of it, as the events of its run tell. */
import { ask, follow, resume, type RunEvent } from '../api/events';
import { asProblem, send, type Problem, type Values } from '../api/client';

export type Answer = Omit<Values['Answer'], 'rows'>;
export type Column = Values['OutputColumn'];
export interface Step {
  name: string;
  seconds: number | null;
}
export interface Draft {
  sql: string;
  reading?: string | null;
  assumptions?: string[];
  findings?: Values['Finding'][];
}

const UNHEARD_MS = 10_000;

export class Turn {
  readonly question: string;
  /** Asked on this page just now, not read again. */
  readonly isHere: boolean;
  runId = $state('');
  status = $state<string>('queued');
  steps = $state<Step[]>([]);
  draft = $state.raw<Draft | null>(null);
  columns = $state.raw<Column[]>([]);
  rows = $state.raw<unknown[][]>([]);
  rowCount = $state<number | null>(null);
  isTruncated = $state(false);
  gone = $state('');
  answer = $state.raw<Answer | null>(null);
  summary = $state('');
  askedBack = $state<string | null>(null);
  options = $state.raw<string[]>([]);
  approval = $state<number | null>(null);
  /** What can be asked instead. */
  suggestions = $state.raw<string[]>([]);
  /** Tables that it needs and that are not open to the caller. */
  closedTables = $state.raw<string[]>([]);
  problem = $state.raw<Problem | null>(null);
  isLoaded = $state(false);
  startedAt = $state.raw(new Date());
  /** Over before it was read again: its events tell how it came to that, and change nothing of it. */
  #isReplayed = false;
  #last = 0;
  /** Stopped before the server had said which run it is. */
  #isUnwanted = false;
  #hearing = Promise.resolve();
  #stop = new AbortController();

  constructor(question: string, info?: Values['RunInfo']) {
    this.question = question;
    this.isHere = !info;
    if (info) this.#take(info);
  }

  get isOver(): boolean {
    return this.problem !== null || !['queued', 'running'].includes(this.status);
  }

  get waits(): boolean {
    return this.status === 'needs_clarification' || this.status === 'needs_approval';
  }

  /** Whether all rows are here that are told. */
  get isWhole(): boolean {
    return this.isOver || this.rows.length >= (this.rowCount ?? 0);
  }

  /** Whether it has ended and everything of it is here. */
  get isDone(): boolean {
    return this.isLoaded && this.isOver && !this.problem && !this.waits && !this.lacksRows;
  }

  /** Whether it came to rows that are not here yet. */
  get lacksRows(): boolean {
    return Boolean(this.rowCount) && !this.rows.length && !this.gone;
  }

  /** The statement, as far as there is one. */
  get sql(): string {
    return this.answer?.sql ?? this.draft?.sql ?? '';
  }

  async ask(thread: string, mode: Values['Mode'] = 'answer'): Promise<void> {
    await this.#hear(ask({ question: this.question, thread, mode }, crypto.randomUUID(), this.#begin()));
  }

  /** Hear what a run of before told, or goes on telling. */
  async load(): Promise<void> {
    if (!this.isLoaded) {
      this.#isReplayed = this.isOver;
      this.#hearing = this.#hear(follow(this.runId, 0, this.#begin()));
    }
    await this.#hearing;
    this.#isReplayed = false;
  }

  async reply(said: string | null): Promise<void> {
    const after = this.#last;
    this.status = 'running';
    [this.askedBack, this.options] = [null, []];
    await this.#hear(resume(this.runId, said, after, crypto.randomUUID(), this.#begin()));
  }

  /** Have the server stop it. How it ended comes as an event. */
  async stop(): Promise<void> {
    if (!this.runId) {
      // The server may have it already: then its first event tells which one to stop.
      [this.#isUnwanted, this.status] = [true, 'cancelled'];
      setTimeout(() => this.runId || this.#stop.abort(), UNHEARD_MS);
      return;
    }
    try {
      this.#take(await send<Values['RunInfo']>('POST', `v1/runs/${this.runId}/cancel`));
      if (this.isOver) this.#stop.abort();
    } catch (fault) {
      this.problem = asProblem(fault);
    }
  }

  /** Hear no more of it; the run goes on, and what is not whole is heard again. */
  leave(): void {
    this.#stop.abort();
    if (!this.isDone) this.isLoaded = false;
  }

  #begin(): AbortSignal {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.problem = null;
    return this.#stop.signal;
  }

  async #hear(events: AsyncGenerator<RunEvent>): Promise<void> {
    this.isLoaded = true;
    try {
      for await (const event of events) {
        this.apply(event);
        if (this.#isUnwanted) {
          this.#isUnwanted = false;
          void this.stop();
        }
      }
    } catch (fault) {
      this.problem = asProblem(fault);
    }
  }

  apply(event: RunEvent): void {
    const data = event.data;
    this.#last = event.seq;
    this.runId = event.run_id;
    switch (event.type) {
      case 'run.started':
        this.startedAt = new Date(event.at);
        break;
      case 'run.working':
        if (!this.#isReplayed) this.status = 'running';
        this.steps = [];
        break;
      case 'step.started':
        this.steps = [...this.steps, { name: data['step'], seconds: null }];
        break;
      case 'step.finished':
        this.steps = this.steps.map((step, at) => (at === this.steps.length - 1 ? { ...step, seconds: data['seconds'] } : step));
        break;
      case 'sql.draft':
        this.draft = data as Draft;
        break;
      case 'sql.validated':
        if (this.draft) this.draft = { ...this.draft, findings: data['findings'] };
        break;
      case 'result.schema':
        this.columns = data['columns'];
        this.rowCount = data['row_count'];
        this.isTruncated = data['truncated'];
        this.rows = [];
        break;
      case 'result.rows':
        this.gone = data['gone'] ?? '';
        if (data['rows']) this.rows = [...this.rows.slice(0, data['first'] ?? 0), ...(data['rows'] as unknown[][])];
        break;
      case 'message.delta':
        if (data['text']) this.summary = data['text'];
        if (data['answer']) this.answer = data['answer'];
        break;
      case 'run.finished':
      case 'run.failed':
        this.#end(data);
        break;
    }
  }

  #end(data: RunEvent['data']): void {
    // What it came to at last is known already; ends before that one are none of it now.
    if (this.#isReplayed && data['status'] !== this.status) return;
    this.status = data['status'] ?? 'failed';
    this.summary = this.answer?.summary || data['summary'] || this.summary;
    this.askedBack = data['asked_back'] ?? null;
    this.options = data['options'] ?? [];
    this.approval = data['approval'] ?? null;
    [this.suggestions, this.closedTables] = [data['suggestions'] ?? [], data['closed_tables'] ?? []];
  }

  #take(info: Values['RunInfo']): void {
    this.runId = info.run_id;
    this.status = info.status;
    this.startedAt = new Date(info.accepted_at);
    this.summary ||= info.summary;
    this.askedBack = info.asked_back ?? null;
    this.options = info.options;
    this.approval = info.approval ?? null;
    [this.suggestions, this.closedTables] = [info.suggestions, info.closed_tables];
    if (info.sql && !this.draft) this.draft = { sql: info.sql };
    this.rowCount = info.row_count ?? null;
  }
}
