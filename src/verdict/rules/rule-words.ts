/** 3000.5 → "3,000.5", with the decimals that tell it from a threshold. */
export function figureText(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 6 });
}

/** 0.9 → "90 %". */
export function shareText(share: number): string {
  return `${figureText(share * 100)} %`;
}

/** "1 change a month", "2.5 changes a month". */
export function countedText(value: number, one: string, many: string): string {
  return `${figureText(value)} ${value === 1 ? one : many}`;
}

/** "a, b and c". */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
