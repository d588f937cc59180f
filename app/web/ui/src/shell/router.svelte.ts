/** Which screen is shown: the path below the page's base, in parts, and the query. */

const base = new URL(document.baseURI).pathname.replace(/\/$/, '');

function here(): { parts: string[]; query: URLSearchParams } {
  const path = location.pathname.startsWith(base) ? location.pathname.slice(base.length) : location.pathname;
  return { parts: path.split('/').filter(Boolean).map(decoded), query: new URLSearchParams(location.search) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

class Place {
  #now = $state.raw(here());

  constructor() {
    addEventListener('popstate', () => (this.#now = here()));
  }

  get screen(): string {
    return this.#now.parts[0] ?? '';
  }

  /** What stands behind the screen's name. */
  get rest(): string[] {
    return this.#now.parts.slice(1);
  }

  get query(): URLSearchParams {
    return this.#now.query;
  }

  go(to: string, instead = false): void {
    const url = base + (to.startsWith('/') ? to : `/${to}`);
    if (instead) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
    this.#now = here();
    if (!instead) scrollTo(0, 0);
  }
}

export const place = new Place();

/** The address of a screen; parts are encoded. */
export function to(...parts: string[]): string {
  return `${base}/${parts.map(encodeURIComponent).join('/')}`;
}

/** Make a link of the page go without loading it anew. */
export function link(node: HTMLAnchorElement): { destroy: () => void } {
  const click = (event: MouseEvent) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.defaultPrevented) return;
    event.preventDefault();
    const url = new URL(node.href);
    place.go(url.pathname.slice(base.length) + url.search);
  };
  node.addEventListener('click', click);
  return { destroy: () => node.removeEventListener('click', click) };
}
