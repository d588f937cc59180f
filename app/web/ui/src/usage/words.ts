/** Figures of usage, as they are shown. */
export function bytes(count: number): string {
  const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const step = count < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** step;
  return `${value.toFixed(step && value < 100 ? 1 : 0)} ${UNITS[step]}`;
}

export function dollars(amount: number): string {
  return `$${amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: amount && amount < 1 ? 4 : 2 })}`;
}

export function count(number: number): string {
  return number.toLocaleString('en', { maximumFractionDigits: 0 });
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

const BUDGETS: Record<string, [string, (most: number) => string]> = {
  bytes: ['Data read', bytes],
  seconds: ['Query time', (most) => `${count(most)} s`],
  tokens: ['Tokens of models', count],
  dollars: ['Cost of models', dollars],
};

export function budgetName(of: string): string {
  return BUDGETS[of]?.[0] ?? of;
}

export function budgetFigure(of: string, figure: number): string {
  return (BUDGETS[of]?.[1] ?? count)(figure);
}

/** The last days, today last, also those on which there was nothing. */
export function lastDays(until: string, days: number): string[] {
  const end = Date.parse(`${until}T00:00:00Z`);
  return Array.from({ length: days }, (_, at) => new Date(end - (days - 1 - at) * 86_400_000).toISOString().slice(0, 10));
}

export function dayName(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
}
