import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text as readStream } from 'node:stream/consumers';
import type { Command } from 'commander';
import { inputError, messageOf } from '#core/errors.ts';
import type { Situation } from '#core/situation.ts';
import { checkShape } from '#data/check-shape.ts';
import type { SourceDocument } from '#data/source-document.ts';
import { priorVerdict } from '#verdict/prior.ts';
import { versions } from '../versions.ts';
import { answersSchema, askSituation } from './decide-questions.ts';
import { formatPrior } from './format-prior.ts';
import { type TerminalIo, usesColor } from './terminal-io.ts';
import { writeAtomically } from './write-atomically.ts';

interface Flags {
  readonly answers?: string;
  readonly save?: string;
  readonly json?: boolean;
}

const example = {
  requestsPerMonth: 50_000,
  labelledExamples: 300,
  requirementChangesPerMonth: 0.5,
  consistency: 'critical',
  accuracyNeeded: 0.92,
};

/** `rung decide`: what rules of thumb say, before anything is measured; asks no model. `input` is where a person types. */
export function decideCommand(
  program: Command,
  io: TerminalIo,
  _exit: (code: number) => void,
  input: () => NodeJS.ReadStream = () => process.stdin,
): void {
  program
    .command('decide')
    .description('what rules of thumb say, before anything is measured')
    .option('--answers <file>', 'JSON file with the answers, - for standard input; without it they are asked in the terminal')
    .option('--save <file>', 'write the answers to a file, for --answers')
    .option('--json', 'print one JSON document on stdout')
    .option('--debug', 'show stack traces')
    .action(async (flags: Flags) => {
      const situation = flags.answers === undefined ? await ask(io, input()) : await readAnswers(flags.answers, io, input);
      if (flags.save !== undefined) {
        await writeAtomically(resolve(io.workingFolder, flags.save), `${JSON.stringify(situation, null, 2)}\n`);
      }
      const verdict = priorVerdict(situation, versions);
      io.stdout.write(
        flags.json
          ? `${JSON.stringify(verdict)}\n`
          : formatPrior(verdict, { color: usesColor(io.stdout, io.environment), width: io.stdout.columns ?? 100 }),
      );
    });
}

async function ask(io: TerminalIo, input: NodeJS.ReadStream): Promise<Situation> {
  // questions need colours and cursor movement, so they are asked only where those are
  if (input.isTTY === true && usesColor(io.stderr, io.environment)) return askSituation(input, io.stderr as NodeJS.WriteStream);
  throw inputError({
    code: 'answers-missing',
    message: 'There are no answers, and no terminal to ask for them.',
    hint: `Give them with --answers FILE, or - for standard input; every answer may be left out: ${JSON.stringify(example)}`,
  });
}

async function readAnswers(path: string, io: TerminalIo, input: () => NodeJS.ReadStream): Promise<Situation> {
  const file = path === '-' ? 'stdin' : resolve(io.workingFolder, path);
  const text = (path === '-' ? await readStream(input()) : await readText(file)).replace(/^\uFEFF/, '');
  return checkShape(answersSchema, parsed(text, file));
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw inputError({
      code: 'file-unreadable',
      message: 'The answers cannot be read.',
      hint: 'Check the path.',
      place: { file },
      cause,
    });
  }
}

function parsed(text: string, file: string): SourceDocument {
  try {
    return { file, value: JSON.parse(text, noNull), placeOf: ([key]) => ({ file, line: lineOf(text, key) }) };
  } catch (cause) {
    throw inputError({
      code: 'json-malformed',
      message: `The answers are not JSON: ${messageOf(cause)}.`,
      hint: `They look like this: ${JSON.stringify(example)}`,
      place: { file },
      cause,
    });
  }
}

// null is how scripts write an answer that is not known
function noNull(_key: string, value: unknown): unknown {
  return value ?? undefined;
}

// answers are a flat object, so the first mention of a key is the key
function lineOf(text: string, key: PropertyKey | undefined): number | undefined {
  const at = key === undefined ? -1 : text.indexOf(JSON.stringify(String(key)));
  return at === -1 ? undefined : text.slice(0, at).split('\n').length;
}
