import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { inputError, messageOf } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';
import { readSystemPrompts } from './system-prompt-file.ts';

/** A prompt and a rule that tells whether an answer keeps to it. */
export interface PromptCheck {
  readonly prompt: string;
  /** What to ask where the rule is checked; an example of the task where absent. */
  readonly question?: string;
  /** The rule as it was written. */
  readonly check: string;
  /** Why nothing here can judge it; such a pair is not asked. */
  readonly unjudged?: string;
  /** Whether an answer keeps to it, or how far, from 0 to 1. */
  kept(answer: string): boolean | number;
}

interface CheckForm {
  readonly written: string;
  readonly pattern: RegExp;
  rule(match: RegExpExecArray): (answer: string) => boolean;
}

const phrases = String.raw`:\s*(\S.*)`;

function phraseForm(words: string, test: (answer: string, phrases: readonly string[]) => boolean): CheckForm {
  return {
    written: `${words}: A | B`,
    pattern: new RegExp(`^${words}${phrases}$`, 'i'),
    rule: (match) => {
      const listed = match[1]!
        .toLowerCase()
        .split('|')
        .map((phrase) => phrase.trim());
      return (answer) => test(answer.toLowerCase().trim(), listed);
    },
  };
}

function plainForm(words: string, test: (answer: string) => boolean): CheckForm {
  return { written: words, pattern: new RegExp(`^${words}$`, 'i'), rule: () => (answer) => test(answer.trim()) };
}

const forms: readonly CheckForm[] = [
  phraseForm('starts with', (answer, listed) => listed.some((phrase) => answer.startsWith(phrase))),
  phraseForm('ends with', (answer, listed) => listed.some((phrase) => answer.endsWith(phrase))),
  phraseForm('contains one of', (answer, listed) => listed.some((phrase) => answer.includes(phrase))),
  phraseForm('contains all of', (answer, listed) => listed.every((phrase) => answer.includes(phrase))),
  phraseForm('contains none of', (answer, listed) => !listed.some((phrase) => answer.includes(phrase))),
  {
    written: 'at most N words (or: at least)',
    pattern: /^at (most|least) (\d{1,6}) words?$/i,
    rule: (match) => {
      const bound = Number(match[2]);
      const count = (answer: string) => answer.match(/\S+/g)?.length ?? 0;
      return match[1]!.toLowerCase() === 'most' ? (answer) => count(answer) <= bound : (answer) => count(answer) >= bound;
    },
  },
  plainForm('upper case', (answer) => answer === answer.toUpperCase()),
  plainForm('lower case', (answer) => answer === answer.toLowerCase()),
  plainForm('no questions', (answer) => !answer.includes('?')),
  plainForm('no digits', (answer) => !/\p{Nd}/u.test(answer)),
  plainForm('json', isJson),
];

/**
 * Reads prompt-and-check pairs: the published file of the hundred pairs of Li et al. 2024 (arXiv 2402.10962), whose name
 * ends in .py, or one JSON object a line, `{"prompt", "check", "question"?}`, with each check one rule of a small grammar.
 * Either way a file can run nothing. Throws a usage error with file and line for what fits neither.
 */
export async function readPromptChecks(path: string, folder: string): Promise<PromptCheck[]> {
  const file = resolve(folder, path);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw inputError({
      code: 'pairs-unreadable',
      message: `The prompt-and-check pairs cannot be read: ${messageOf(cause)}.`,
      place: { file },
    });
  });
  const pairs = file.endsWith('.py')
    ? publishedPairs(text, file)
    : text.split('\n').flatMap((line, at) => (line.trim() === '' ? [] : [pairOf(line, { file, line: at + 1 })]));
  if (pairs.length > 0) return pairs;
  throw inputError({ code: 'pairs-unreadable', message: 'The file of prompt-and-check pairs is empty.', place: { file } });
}

function publishedPairs(text: string, file: string): PromptCheck[] {
  const pairs = readSystemPrompts(text);
  if (pairs.length === 0) {
    throw inputError({
      code: 'pairs-unreadable',
      message: 'This Python file holds no prompt-and-check pairs.',
      hint: 'Give hundred_system_prompts.py as it is published, or one JSON object a line.',
      place: { file },
    });
  }
  return pairs.map(({ prompt, question, check, judge }) => {
    const pair = { prompt, question, check };
    return 'score' in judge ? { ...pair, kept: judge.score } : { ...pair, unjudged: judge.unjudged, kept: () => 0 };
  });
}

function pairOf(line: string, place: { file: string; line: number }): PromptCheck {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    parsed = undefined;
  }
  const { prompt, check, question } = isJsonObject(parsed) ? parsed : {};
  if (typeof prompt !== 'string' || typeof check !== 'string' || (question !== undefined && typeof question !== 'string')) {
    throw inputError({
      code: 'pairs-unreadable',
      message: 'This line is not a prompt-and-check pair.',
      hint: 'Write it as {"prompt": "Answer in lower case.", "check": "lower case"}.',
      place,
    });
  }
  for (const form of forms) {
    const match = form.pattern.exec(check.trim());
    if (match !== null) return { prompt, check, kept: form.rule(match), ...(question === undefined ? {} : { question }) };
  }
  throw inputError({
    code: 'check-unknown',
    message: `The check ${JSON.stringify(check)} is none that Rung knows.`,
    hint: `Write it as one of: ${forms.map(({ written }) => `"${written}"`).join(', ')}.`,
    place,
  });
}

function isJson(answer: string): boolean {
  try {
    JSON.parse(answer);
    return true;
  } catch {
    return false;
  }
}
