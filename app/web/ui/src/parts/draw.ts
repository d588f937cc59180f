/** Vega, without evaluating text as code, in the colours of the page. */
import embed from 'vega-embed';
import { expressionInterpreter } from 'vega-interpreter';

/** Draw a chart; gives what removes it. */
export async function draw(holder: HTMLElement, spec: Record<string, unknown>): Promise<() => void> {
  const look = getComputedStyle(holder);
  const colour = (name: string) => solid(look.getPropertyValue(name), holder);
  const axis = { labelColor: colour('--muted'), titleColor: colour('--muted'), gridColor: colour('--line'), domainColor: colour('--line'), tickColor: colour('--line') };
  const config = {
    background: 'transparent',
    font: 'system-ui, sans-serif',
    view: { stroke: 'transparent' },
    axis: { ...axis, labelFontSize: 12, labelSeparation: 8, titleFontSize: 12, titleFontWeight: 'normal' },
    legend: { labelColor: colour('--text'), titleColor: colour('--muted') },
    mark: { color: colour('--chart-1') },
    arc: { stroke: colour('--raised') },
    range: { category: ['#2a8c8a', '#d9822b', '#5b7fd1', '#b5577d', '#6b9c3f', '#8a6fc9', '#c0a030', '#4a9bc4', '#a3695a', '#7d8c8e', '#c55a4a', '#3f7a5c'] },
  };
  const shown = await embed(holder, spec as never, {
    actions: false,
    renderer: 'svg',
    ast: true,
    expr: expressionInterpreter,
    config: config as never,
    tooltip: { theme: 'custom', formatTooltip: told },
    loader: { load: () => Promise.reject(new Error('Charts load nothing.')), sanitize: () => Promise.reject(new Error('Charts lead nowhere.')) } as never,
  });
  return () => shown.finalize();
}

/** What a pointer is told, as text: the usual form makes a picture of a column that is called `image`. */
function told(value: unknown): string {
  if (typeof value !== 'object' || value === null) return inert(value);
  const lines = Object.entries(value).map(([name, each]) => `<tr><td class="key">${inert(name)}</td><td class="value">${inert(each)}</td></tr>`);
  return `<table>${lines.join('')}</table>`;
}

function inert(value: unknown): string {
  return String(value).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** A custom property as a plain colour: `light-dark()` is nothing that Vega knows. */
function solid(value: string, holder: HTMLElement): string {
  const probe = holder.ownerDocument.createElement('span');
  probe.style.color = value;
  holder.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
