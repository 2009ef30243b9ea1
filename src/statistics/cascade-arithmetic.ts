/** A calculation written out in a text, and whether it comes out as it says. */
export interface Calculation {
  readonly left: number;
  readonly right: number;
  readonly holds: boolean;
}

const longestSide = 120;
const besideEquals = /[\d.,+\-−–*×x/÷()$€£% ]/u;

/**
 * The calculations of a text: what stands on either side of an equals sign, where both sides are numbers and signs and the
 * left one calculates something. "3 × 4 = 12" holds, "80000 + 50000 = 13" does not; rounding to the digits shown is allowed.
 */
export function calculationsIn(text: string): Calculation[] {
  const found: Calculation[] = [];
  for (let at = text.indexOf('='); at !== -1; at = text.indexOf('=', at + 1)) {
    const left = evaluate(sideOf(text, at, -1));
    const right = evaluate(sideOf(text, at, 1));
    if (left === undefined || right === undefined || left.operations === 0) continue;
    found.push({ left: left.value, right: right.value, holds: isEqual(left.value, right.value) });
  }
  return found;
}

/** The numbers of a text, as "$1,250.50" is 1250.5. */
export function numbersIn(text: string): number[] {
  return [...text.matchAll(/\d[\d,]*(?:\.\d+)?/gu)].map(([written]) => Number(written.replaceAll(',', ''))).filter(Number.isFinite);
}

function isEqual(left: number, right: number): boolean {
  return Math.abs(left - right) <= Math.max(0.0051, 0.002 * Math.abs(left));
}

function sideOf(text: string, equals: number, direction: 1 | -1): string {
  let end = equals + direction;
  while (Math.abs(end - equals) <= longestSide && besideEquals.test(text.charAt(end))) end += direction;
  const side = direction === 1 ? text.slice(equals + 1, end) : text.slice(end + 1, equals);
  // a full stop or a comma at the end of a side is the sentence's
  return side.replace(/[.,\s]+$/u, '').replace(/^[.,\s]+(?!\d)/u, '');
}

interface Tokens {
  readonly items: readonly (number | string)[];
  at: number;
  operations: number;
}

const signs: Readonly<Record<string, string>> = { '−': '-', '–': '-', '×': '*', x: '*', '÷': '/' };

/** Value of an expression of numbers, + − × ÷ and brackets, per cent signs included; undefined where it is none. */
function evaluate(text: string): { readonly value: number; readonly operations: number } | undefined {
  const written = text.match(/\d[\d,]*(?:\.\d+)?|\.\d+|[+\-−–*×x/÷()%]/gu) ?? [];
  if (written.length === 0 || written.length > 60) return undefined;
  const items = written.map((item) => (/\d/u.test(item) ? Number(item.replaceAll(',', '')) : (signs[item] ?? item)));
  const tokens: Tokens = { items, at: 0, operations: 0 };
  const value = sum(tokens);
  return value === undefined || tokens.at < items.length || !Number.isFinite(value) ? undefined : { value, operations: tokens.operations };
}

function sum(tokens: Tokens): number | undefined {
  let total = product(tokens);
  while (total !== undefined && (tokens.items[tokens.at] === '+' || tokens.items[tokens.at] === '-')) {
    const sign = tokens.items[tokens.at++] === '+' ? 1 : -1;
    const next = product(tokens);
    if (next === undefined) return undefined;
    total += sign * next;
    tokens.operations++;
  }
  return total;
}

function product(tokens: Tokens): number | undefined {
  let total = factor(tokens);
  while (total !== undefined && (tokens.items[tokens.at] === '*' || tokens.items[tokens.at] === '/')) {
    const multiplies = tokens.items[tokens.at++] === '*';
    const next = factor(tokens);
    if (next === undefined) return undefined;
    total = multiplies ? total * next : total / next;
    tokens.operations++;
  }
  return total;
}

function factor(tokens: Tokens): number | undefined {
  const item = tokens.items[tokens.at++];
  if (item === '-') {
    const negated = factor(tokens);
    return negated === undefined ? undefined : -negated;
  }
  const value = item === '(' ? inBrackets(tokens) : typeof item === 'number' ? item : undefined;
  if (value === undefined || tokens.items[tokens.at] !== '%') return value;
  tokens.at++;
  return value / 100;
}

function inBrackets(tokens: Tokens): number | undefined {
  const value = sum(tokens);
  return tokens.items[tokens.at++] === ')' ? value : undefined;
}
