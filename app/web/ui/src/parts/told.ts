/** What the server says to people, without what only a terminal can do with. */

/** Commands are taken away where they end a sentence; other sentences with one go as a whole. */
export function withoutCommands(text: string): string {
  return text.split('\n').map(line).join('\n').trim();
}

function line(text: string): string {
  const cut = text.replace(/[:,]?\s*`skipper[^`]*`(?=[.;]|$)/g, '');
  return cut.split(/(?<=[.!?])\s+/).filter((sentence) => !sentence.includes('`skipper')).join(' ');
}
