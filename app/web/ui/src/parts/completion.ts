/** What the SQL editor offers: tables that the caller may read, columns of those that the statement names, and Trino's functions. */
import { ifNotIn, type Completion, type CompletionContext, type CompletionResult, type CompletionSource } from '@codemirror/autocomplete';
import { keywordCompletionSource, schemaCompletionSource, type SQLDialect, type SQLNamespace } from '@codemirror/lang-sql';
import { get, type Values } from '../api/client';
import { FUNCTIONS } from './functions';

const MOST_TABLES = 500;
const MOST_NAMED = 20;
const NAMED = /"[^"]+"|[\p{L}_][\p{L}\p{N}_]*/gu;
const FROM = /\b(from|join)\s+$/i;
const NOWHERE = ['String', 'LineComment', 'BlockComment'];
const functions: Completion[] = FUNCTIONS.map((label) => ({ label, type: 'function', apply: `${label}(`, boost: -2 }));

/** Full names of tables, as far as there are not too many; none where the catalog does not answer: who writes SQL goes on. */
async function readable(): Promise<string[]> {
  const mine = await get<Values['MyRights']>('v1/access', { readable: true, limit: MOST_TABLES }).catch(() => null);
  return mine?.tables.map((one) => one.table) ?? [];
}

async function columnsOf(table: string): Promise<Completion[]> {
  // The table itself is the first of all that have its name in theirs.
  const found = await get<Values['TableList']>('v1/catalog/tables', { name: table, limit: 1 }).catch(() => null);
  const page = found?.tables.find((one) => one.table === table);
  return (page?.columns ?? []).map((column) => ({ label: column.name, type: 'property', detail: column.mask ? `${column.type}, masked` : column.type }));
}

/** Which of the tables a statement names: by catalog, schema and table, or by the last two. */
export function namedIn(sql: string, tables: string[]): string[] {
  const words = [...sql.matchAll(NAMED)].map((found) => found[0].replaceAll('"', '').toLowerCase());
  const pairs = new Set(words.slice(1).map((word, at) => `${words[at]}.${word}`));
  return tables.filter((table) => pairs.has(table.split('.').slice(-2).join('.'))).slice(0, MOST_NAMED);
}

/** `schema.table`, and the same below its catalog. */
function tree(tables: string[], columns: Map<string, Completion[]>): SQLNamespace {
  const made: Record<string, SQLNamespace> = {};
  for (const table of tables) {
    const known = columns.get(table) ?? [];
    made[table] = known;
    if (table.startsWith('lake.')) made[table.slice('lake.'.length)] = known;
  }
  return made;
}

/** Whether a dot stands before the word: a name of something within something else. */
function isBelow(context: CompletionContext): boolean {
  const from = context.matchBefore(/\w*/)?.from ?? context.pos;
  return context.state.sliceDoc(Math.max(0, from - 1), from) === '.';
}

/** Names that come when somebody has gone on to something else would lie over it. */
function whileWriting(source: CompletionSource): CompletionSource {
  return async (context) => {
    const found = await source(context);
    return context.view?.hasFocus === false ? null : found;
  };
}

/** Sources of completions for one editor. Rights are asked for once, columns once a table. */
export function completions(dialect: SQLDialect): CompletionSource[] {
  const asked = new Map<string, Promise<Completion[]>>();
  const keywords = keywordCompletionSource(dialect, true);
  let tables: Promise<string[]> | null = null;

  async function named(context: CompletionContext): Promise<[string[], Map<string, Completion[]>]> {
    const all = await (tables ??= readable());
    const found = namedIn(context.state.doc.toString(), all);
    const told = await Promise.all(
      found.map(async (table) => {
        const columns = asked.get(table) ?? columnsOf(table);
        asked.set(table, columns);
        return [table, await columns] as const;
      }),
    );
    return [all, new Map(told)];
  }

  async function names(context: CompletionContext): Promise<CompletionResult | null> {
    const [all, columns] = await named(context);
    return schemaCompletionSource({ dialect, schema: tree(all, columns) })(context);
  }

  /** Columns and functions; after a dot, and where a table is named, `names` knows what may come. */
  async function words(context: CompletionContext): Promise<CompletionResult | null> {
    const word = context.matchBefore(/[\w"]*/);
    const from = word?.from ?? context.pos;
    const before = context.state.sliceDoc(Math.max(0, from - 20), from);
    if (isBelow(context) || FROM.test(before) || (!word?.text && !context.explicit)) return null;
    const [, columns] = await named(context);
    const mine = new Map([...columns.values()].flat().map((one) => [one.label, { ...one, boost: 2 }]));
    return { from, options: [...mine.values(), ...functions], validFor: /^\w*$/ };
  }

  return [names, words, (context: CompletionContext) => (isBelow(context) ? null : keywords(context))].map((source) => ifNotIn(NOWHERE, whileWriting(source)));
}
