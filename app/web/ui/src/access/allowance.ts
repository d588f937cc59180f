/** Limits in words. */
import type { Values } from '../api/client';

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB'];

export function size(bytes: number): string {
  let [left, unit] = [bytes, 0];
  while (left >= 1024 && unit < UNITS.length - 1) [left, unit] = [left / 1024, unit + 1];
  return `${Number(left.toFixed(1)).toLocaleString('en')} ${UNITS[unit]}`;
}

/** Only those that say something. */
export function allowed(limits: Values['Allowance']): string[] {
  const told: [number | null | undefined, (figure: number) => string][] = [
    [limits.day_bytes, (figure) => `${size(figure)} a day`],
    [limits.day_seconds, (figure) => `${figure.toLocaleString('en')} seconds a day`],
    [limits.day_tokens, (figure) => `${figure.toLocaleString('en')} tokens a day`],
    [limits.day_usd, (figure) => `$${figure.toLocaleString('en')} of models a day`],
    [limits.scan_bytes, (figure) => `${size(figure)} a statement`],
    [limits.seconds, (figure) => `${figure.toLocaleString('en')} seconds a statement`],
    [limits.memory_bytes, (figure) => `${size(figure)} of memory a statement`],
  ];
  return told.flatMap(([figure, words]) => (figure === null || figure === undefined ? [] : [words(figure)]));
}
