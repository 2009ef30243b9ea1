import { inputError } from '#core/errors.ts';

/** An amount in US dollars. */
export function dollarAmount(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw unreadableFlag(`${JSON.stringify(text)} is not an amount in US dollars.`, 'Write it as 5 or 0.50.');
}

export function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw unreadableFlag(`${JSON.stringify(text)} is not a whole number.`, 'Write it as 100.');
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
