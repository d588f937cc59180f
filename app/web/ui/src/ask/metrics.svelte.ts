/** What can be asked without a model, as the caller may ask it: read once. */
import { get, type Values } from '../api/client';

type Metric = Values['MetricPage'];
const MOST = 3;

class Metrics {
  list = $state.raw<Metric[]>([]);
  queries = $state.raw<Values['QueryPage'][]>([]);
  #reading: Promise<void> | null = null;

  load(): Promise<void> {
    this.#reading ??= this.#read();
    return this.#reading;
  }

  async #read(): Promise<void> {
    try {
      const found = await get<Values['MetricList']>('v1/catalog/metrics');
      [this.list, this.queries] = [found.metrics, found.queries];
    } catch {
      // Suggestions are a courtesy: without them one can ask as well.
      this.#reading = null;
    }
  }

  /** Questions to begin with: of several metrics, each in another way. */
  get first(): string[] {
    const asked = this.list.slice(0, 4).map((metric, at) => {
      const dimension = metric.dimensions[at % Math.max(1, metric.dimensions.length)];
      if (at % 2 && metric.time) return `${metric.title} by month`;
      return dimension ? `${metric.title} by ${spoken(dimension.name)}` : metric.title;
    });
    const written = this.queries.filter((query) => !query.parameters.length).map((query) => query.question);
    return [...new Set([...asked.slice(0, Math.max(2, 4 - written.length)), ...written])].slice(0, 4);
  }

  /** The same question by something else that its metric can be grouped by. */
  after(question: string): string[] {
    const metric = this.#named(question);
    if (!metric) return [];
    const by = metric.dimensions.map((one) => ({ name: spoken(one.name), words: [one.name, spoken(one.name), ...one.synonyms] }));
    if (metric.time) by.push({ name: 'month', words: ['month', 'quarter', 'year', 'week', 'day'] });
    const said = by.filter((one) => one.words.some((word) => hasWords(question, word)));
    const now = said.flatMap((one) => one.words).find((word) => hasWords(question, `by ${word}`));
    if (!now && (said.length || hasWords(question, 'by'))) return [];
    return by
      .filter((one) => !said.includes(one))
      .map((one) => (now ? question.replace(pattern(`by ${now}`), `by ${one.name}`) : `${question.replace(/[?.\s]+$/, '')} by ${one.name}`))
      .slice(0, MOST);
  }

  #named(question: string): Metric | undefined {
    const length = (metric: Metric) => Math.max(0, ...[metric.title, ...metric.synonyms].filter((name) => hasWords(question, name)).map((name) => name.length));
    return this.list.filter(length).sort((one, other) => length(other) - length(one))[0];
  }
}

const spoken = (name: string) => name.replaceAll('_', ' ');
const pattern = (words: string) => new RegExp(`(?<![\\p{L}\\p{N}])${words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'iu');

function hasWords(text: string, words: string): boolean {
  return pattern(words).test(text);
}

export const metrics = new Metrics();
