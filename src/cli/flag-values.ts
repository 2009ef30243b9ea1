import { inputError } from '#core/errors.ts';

/** An amount in US dollars. */
export function dollarAmount(text: string): number {
  const value = decimal(text);
  if (value !== undefined && value >= 0) return value;
  throw unreadableFlag(`${JSON.stringify(text)} is not an amount in US dollars.`, 'Write it as 5 or 0.50.');
}

export function wholeNumber(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  const isDigits = !Number.isNaN(value);
  throw unreadableFlag(
    isDigits ? `${shortened(text)} is larger than any number that is counted exactly.` : `${shortened(text)} is not a whole number.`,
    'Write it as 100.',
  );
}

/** A whole number of things, at least one. */
export function count(text: string): number {
  const value = wholeNumber(text);
  if (value >= 1) return value;
  throw unreadableFlag(`${shortened(text)} is less than 1.`, 'Write a whole number from 1, or leave it out for the default.');
}

/** A number above 0. */
export function positiveNumber(text: string): number {
  const value = decimal(text);
  if (value !== undefined && value > 0) return value;
  throw unreadableFlag(`${shortened(text)} is not a number above 0.`, 'Write it as 0.0002 or 2e-4, or leave it out for the default.');
}

/** A number from 0 on. */
export function amount(text: string): number {
  const value = decimal(text);
  if (value !== undefined && value >= 0) return value;
  throw unreadableFlag(`${shortened(text)} is not a number from 0 on.`, 'Write it as 0.01 or 1e-2, or leave it out for the default.');
}

/** A share of a whole. */
export function share(text: string): number {
  const value = decimal(text);
  if (value !== undefined && value >= 0 && value <= 1) return value;
  throw unreadableFlag(`${shortened(text)} is not a share.`, 'Write a number from 0 to 1, as 0.05, or leave it out for the default.');
}

/** Undefined for what is no finite number in decimal digits, as 0x10. */
function decimal(text: string): number | undefined {
  const value = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

function shortened(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

export function unreadableFlag(message: string, hint: string) {
  return inputError({ code: 'flag-unreadable', message, hint });
}

/** Names with commas between, each once. */
export function commaList(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  const list = [...new Set(parts.filter((part) => part !== ''))];
  if (list.length > 0) return list;
  throw unreadableFlag(`${JSON.stringify(text)} names nothing.`, 'Write names with commas between.');
}
