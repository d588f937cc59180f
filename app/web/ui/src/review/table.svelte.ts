/** A table before a reviewer: what is known of its columns, and what they choose until they send it. */
import { asProblem, get, send, type Problem, type Values } from '../api/client';
import { fittingMasks, isBlind, isOverride, isPersonal, isSecret, type Action, type Choice, type Column, type Label } from './choice';
import { groups } from './groups.svelte';

const PAGE = 200;
const OUTDATED = 409;

export class TableReview {
  readonly name: string;
  facts = $state.raw<Values['TableToReview'] | null>(null);
  columns = $state.raw<Column[]>([]);
  problem = $state.raw<Problem | null>(null);
  refused = $state.raw<Problem | null>(null);
  choices = $state.raw<Record<string, Choice>>({});
  /** Columns that changed under the reviewer's hands, so that their choices were dropped. */
  changed = $state.raw<string[] | null>(null);
  at = $state(0);
  /** The column of which somebody is choosing another label. */
  relabelled = $state('');
  isAll = $state(false);
  isLoading = $state(false);
  isSending = $state(false);
  grantTo = $state('');
  note = $state('');
  #cursor = $state.raw<string | null>(null);

  constructor(name: string) {
    this.name = name;
  }

  get path(): string {
    return `v1/reviews/${encodeURIComponent(this.name)}`;
  }

  get hasMore(): boolean {
    return this.#cursor !== null;
  }

  get active(): Column | undefined {
    return this.columns[this.at];
  }

  /** What was chosen for a column, which may be called like what every object has. */
  of(column: Column): Choice | undefined {
    const found = Object.hasOwn(this.choices, column.column) ? this.choices[column.column] : undefined;
    return found?.seen === column.seen ? found : undefined;
  }

  get chosen(): Column[] {
    return this.columns.filter((column) => this.of(column));
  }

  /** Choices that say otherwise than proposed, and do not say why yet. */
  get unexplained(): Column[] {
    return this.chosen.filter((column) => {
      const choice = this.of(column);
      return choice && isOverride(column, choice) && !choice.note.trim() && !this.note.trim();
    });
  }

  /** What would be seen though nobody knows what it holds. */
  get blind(): Column[] {
    return this.chosen.filter((column) => isBlind(column, this.of(column) as Choice));
  }

  /** What would be read in the clear though it looks personal. */
  get personal(): Column[] {
    return this.chosen.filter((column) => isPersonal(column, this.of(column) as Choice));
  }

  /** What waits, and of which neither a scan nor a person said what it holds. */
  get unscanned(): Column[] {
    return this.columns.filter((column) => column.waits && column.unscanned);
  }

  async load(): Promise<void> {
    this.isLoading = true;
    [this.refused, this.changed] = [null, null];
    try {
      this.#take(await this.#page(null), []);
      this.problem = null;
    } catch (fault) {
      this.problem = asProblem(fault);
    }
    this.isLoading = false;
  }

  async more(): Promise<void> {
    if (this.isLoading) return;
    this.isLoading = true;
    try {
      const page = await this.#page(this.#cursor);
      // A table that changed between its pages is looked at from its beginning.
      if (page.seen === this.facts?.seen) this.#take(page, this.columns);
      else await this.load();
    } catch (fault) {
      this.problem = asProblem(fault);
    }
    this.isLoading = false;
  }

  isChosen(column: Column): boolean {
    return this.of(column) !== undefined;
  }

  move(by: number): void {
    this.at = Math.max(0, Math.min(this.columns.length - 1, this.at + by));
  }

  /** Go to the next column that waits and has no choice; stay where there is none. */
  moveToLeft(): void {
    const order = this.columns.map((_, at) => (this.at + 1 + at) % this.columns.length);
    const isLeft = (at: number) => this.columns[at]?.waits && !this.of(this.columns[at] as Column);
    this.at = order.find(isLeft) ?? this.at;
  }

  choose(column: Column, action: Action, mask: Values['MaskMethod'] | null = null): void {
    const before = this.of(column);
    let wanted = mask;
    if (action === 'mask' && !mask) {
      const fitting = fittingMasks(column);
      const proposed = column.proposal?.mask ?? null;
      // The same key again takes the next mask that fits.
      const now = before?.action === 'mask' ? fitting.indexOf(before.mask as Values['MaskMethod']) + 1 : fitting.indexOf(proposed as Values['MaskMethod']);
      wanted = fitting[Math.max(0, now) % fitting.length] ?? null;
    }
    if (action === 'open' && isSecret(column)) return;
    const label = action === 'label' && before?.label ? { label: before.label } : {};
    this.choices = { ...this.choices, [column.column]: { action, mask: wanted, note: before?.note ?? '', seen: column.seen, ...label } };
  }

  /** Say that it holds something else than was found. */
  relabel(column: Column, label: Label): void {
    this.choices = { ...this.choices, [column.column]: { action: 'label', mask: null, note: this.of(column)?.note ?? '', seen: column.seen, label } };
  }

  explain(column: Column, note: string): void {
    const before = this.of(column);
    if (before) this.choices = { ...this.choices, [column.column]: { ...before, note } };
  }

  undo(column: Column): void {
    const { [column.column]: _gone, ...left } = this.choices;
    this.choices = left;
    this.relabelled = '';
  }

  /** Approve whatever is proposed and not chosen otherwise. */
  approveRest(): void {
    const rest = this.columns.filter((column) => column.waits && column.proposal && !this.of(column));
    this.choices = { ...this.choices, ...Object.fromEntries(rest.map((column) => [column.column, { action: 'approve' as const, mask: null, note: '', seen: column.seen }])) };
  }

  undoAll(): void {
    this.choices = {};
  }

  async send(): Promise<Values['Decided'] | null> {
    if (!this.facts || !this.chosen.length || this.unexplained.length || this.isSending) return null;
    this.isSending = true;
    [this.refused, this.changed] = [null, null];
    const body: Omit<Values['DecisionRequest'], 'whole'> = {
      seen: this.facts.seen,
      columns: this.chosen.map((column) => this.#asked(column)),
      note: this.note.trim(),
      grant_to: this.grantTo.trim() || null,
    };
    try {
      const made = await send<Values['Decided']>('POST', `${this.path}/decisions`, { body, headers: { 'idempotency-key': crypto.randomUUID() } });
      if (made.granted_to) groups.add(made.granted_to);
      this.choices = {};
      [this.note, this.grantTo] = ['', ''];
      return made;
    } catch (fault) {
      const problem = asProblem(fault);
      if (problem.status === OUTDATED && problem.kind.endsWith('outdated')) await this.#lookAgain();
      else this.refused = problem;
      return null;
    } finally {
      this.isSending = false;
    }
  }

  #asked(column: Column): Values['ColumnChoice'] {
    const choice = this.of(column) as Choice;
    const why = { column: column.column, note: choice.note.trim() };
    if (choice.label) return { ...why, action: 'override', label: choice.label.name, mask: choice.mask };
    if (isOverride(column, choice)) return { ...why, action: 'override', state: 'open' };
    if (choice.action === 'mask') return { ...why, action: 'mask', mask: choice.mask };
    return { ...why, action: choice.action === 'deny' ? 'deny' : 'approve' };
  }

  async #lookAgain(): Promise<void> {
    const before = new Map(this.columns.map((column) => [column.column, column.seen]));
    await this.load();
    if (this.problem) return;
    const now = new Map(this.columns.map((column) => [column.column, column.seen]));
    this.changed = [...new Set([...before.keys(), ...now.keys()])].filter((name) => before.get(name) !== now.get(name));
  }

  #page(cursor: string | null): Promise<Values['TableToReview']> {
    return get<Values['TableToReview']>(this.path, { waiting: !this.isAll, cursor, limit: PAGE });
  }

  #take(page: Values['TableToReview'], before: Column[]): void {
    this.facts = page;
    this.columns = [...before, ...page.columns];
    this.#cursor = page.next_cursor ?? null;
    this.at = Math.max(0, Math.min(this.at, this.columns.length - 1));
    const stale = page.columns.filter((column) => Object.hasOwn(this.choices, column.column) && !this.of(column));
    if (!stale.length) return;
    const names = stale.map((column) => column.column);
    this.changed = names;
    this.choices = Object.fromEntries(Object.entries(this.choices).filter(([name]) => !names.includes(name)));
  }
}
