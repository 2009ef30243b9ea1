import { isTrue, readExpression, stringLiteral, UnknownExpressionError, type Value } from './python-expression.ts';
import { textChecks } from './text-checks.ts';

/** One prompt of the published file, with its question and what scores an answer to it, or why nothing here can. */
export interface SystemPromptPair {
  readonly prompt: string;
  readonly question: string;
  /** The expression as it was written. */
  readonly check: string;
  readonly line: number;
  readonly judge: { readonly score: (answer: string) => number } | { readonly unjudged: string };
}

const pairStart = /^[ \t]*\(\s*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')\s*,\s*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')\s*,\s*lambda x:\s*/gm;

/**
 * Reads the published file of prompts of Li et al. 2024 (github.com/likenneth/persona_drift, hundred_system_prompts.py):
 * Python lists of (prompt, question, lambda x: expression). Nothing of it is run: expressions are read by a small reader
 * that knows the file's own checks. Those that need a sentiment model, a tagger or a list of words are told as such.
 */
export function readSystemPrompts(source: string): SystemPromptPair[] {
  return [...source.matchAll(pairStart)].map((match) => {
    const check = expressionFrom(source, match.index + match[0].length);
    const line = source.slice(0, match.index).split('\n').length;
    return { prompt: stringLiteral(match[1]!), question: stringLiteral(match[2]!), check, line, judge: judgeOf(check) };
  });
}

function judgeOf(check: string): SystemPromptPair['judge'] {
  try {
    const evaluate = readExpression(check, textChecks);
    return { score: (answer) => scoreOf(evaluate(answer)) };
  } catch (error) {
    if (error instanceof UnknownExpressionError) return { unjudged: error.message };
    throw error;
  }
}

function scoreOf(value: Value): number {
  if (typeof value !== 'number') return isTrue(value) ? 1 : 0;
  return Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, value));
}

/** Up to the bracket that closes the pair. */
function expressionFrom(source: string, from: number): string {
  const part = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[()[\]]/g;
  part.lastIndex = from;
  let depth = 1;
  for (let match = part.exec(source); match !== null; match = part.exec(source)) {
    if (match[0] === '(' || match[0] === '[') depth++;
    if (match[0] === ')' || match[0] === ']') depth--;
    if (depth === 0) return source.slice(from, match.index).trim().replace(/,$/, '');
  }
  return source.slice(from).trim();
}
