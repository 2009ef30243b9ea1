import { select, text } from '@clack/prompts';
import { z } from 'zod';
import { exitCodes, RungError } from '#core/errors.ts';
import type { Situation } from '#core/situation.ts';

const most = 1e15;
const amount = z
  .number('expected a number')
  .min(0, 'expected 0 or more')
  .max(most, `expected at most ${most.toLocaleString('en-US')}`);
const whole = amount.int('expected a whole number');
const yesOrNo = z.boolean('expected true or false');
const share = z
  .number('expected a number')
  .min(0, 'expected a share from 0 to 1')
  .max(1, {
    error: ({ input }) =>
      typeof input === 'number' && input <= 100
        ? `expected a share from 0 to 1: for ${input} % write ${input / 100}`
        : 'expected a share from 0 to 1: write 0.9 for 90 %',
  });
const words = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, `expected ${values.slice(0, -1).join(', ')} or ${values.at(-1)}`);

const answers = {
  requestsPerMonth: amount,
  labelledExamples: whole,
  requirementChangesPerMonth: amount,
  publicFacing: yesOrNo,
  consistency: words(['nice', 'important', 'critical']),
  accuracyNeeded: share,
  personas: whole,
  latencyCritical: yesOrNo,
  domainTerminology: yesOrNo,
  strictFormat: yesOrNo,
  promptingPlateaued: yesOrNo,
  frontierModel: yesOrNo,
  knowledge: words(['static', 'changing', 'none']),
  expertise: words(['prompting', 'ml']),
  prototype: yesOrNo,
} as const satisfies Record<keyof Situation, z.ZodType>;

type Name = keyof typeof answers;

/** What `--answers` may hold: every answer may be absent. */
export const answersSchema = z
  .strictObject(answers, {
    error: (issue) => (issue.code === 'invalid_type' ? 'expected an object with answers, as {"requestsPerMonth": 50000}' : undefined),
  })
  .partial();

interface Choice {
  readonly value: string;
  readonly label: string;
}

interface Question {
  readonly name: Name;
  readonly message: string;
  /** What the answer means: of each choice, or of the number where one is typed. */
  readonly choices?: readonly Choice[];
  readonly meaning?: string;
}

const yesNo = (yes: string, no: string): Choice[] => [
  { value: 'true', label: `yes: ${yes}` },
  { value: 'false', label: `no: ${no}` },
];

const questions: readonly Question[] = [
  {
    name: 'prototype',
    message: 'Is it still being tried out?',
    choices: yesNo('a prototype that may be thrown away', 'it is in use, or about to be'),
  },
  { name: 'requestsPerMonth', message: 'How many requests a month?', meaning: 'what lasts, not a peak; 100,000 is about 140 an hour' },
  { name: 'labelledExamples', message: 'How many examples with a checked, right answer are there?', meaning: '0 where there are none' },
  {
    name: 'requirementChangesPerMonth',
    message: 'How often a month does what is asked change?',
    meaning: '4 is weekly, 1 monthly, 0.25 every four months',
  },
  {
    name: 'publicFacing',
    message: 'Do people outside see the answers?',
    choices: yesNo('the public does, or a slip would be a security matter', 'only people inside do, who can tell a slip'),
  },
  {
    name: 'consistency',
    message: 'How alike must answers be in style and behaviour?',
    choices: [
      { value: 'nice', label: 'nice: readers hardly notice a difference' },
      { value: 'important', label: 'important: differences are noticed and forgiven' },
      { value: 'critical', label: 'critical: a difference harms the brand, or breaks what reads the answers' },
    ],
  },
  { name: 'accuracyNeeded', message: 'Which share of the answers must be right?', meaning: '0.9, or 90 %' },
  {
    name: 'personas',
    message: 'How many personas or contexts must it speak in?',
    meaning: '1 where it is always the same, 0 where it has none',
  },
  {
    name: 'latencyCritical',
    message: 'Is the time to an answer critical?',
    choices: yesNo('someone waits, and tenths of a second count', 'a second more does no harm'),
  },
  {
    name: 'domainTerminology',
    message: 'Has the domain words and conventions of its own?',
    choices: yesNo('as in law, medicine, or inside the company', 'everyday language does'),
  },
  {
    name: 'strictFormat',
    message: 'Must answers keep to a strict format?',
    choices: yesNo('a program reads them, and a deviation breaks it', 'a person reads them, or the form is free'),
  },
  {
    name: 'promptingPlateaued',
    message: 'Has prompting stopped gaining?',
    choices: yesNo('several better prompts have brought nothing more', 'it still gains'),
  },
  {
    name: 'frontierModel',
    message: 'May a frontier model be used?',
    choices: yesNo('one of the strongest models can be paid for and is allowed', 'it must be a small or a local one'),
  },
  {
    name: 'knowledge',
    message: 'Do answers need facts that the model does not know?',
    choices: [
      { value: 'none', label: 'none: what it knows and what is asked suffice' },
      { value: 'static', label: 'static: facts that it lacks and that hardly change' },
      { value: 'changing', label: 'changing: prices, stock, policies, news' },
    ],
  },
  {
    name: 'expertise',
    message: 'What does the team know how to do?',
    choices: [
      { value: 'prompting', label: 'prompting: write and test prompts' },
      { value: 'ml', label: 'ml: prepare data, train and watch models too' },
    ],
  },
];

const unknown = 'unknown';

/** Reads a typed answer: undefined where it is empty, a number, or the sentence that says what is wrong with it. */
function readNumber(name: Name, typed: string): { value?: number; problem?: string } {
  const bare = typed.replace(/[\s,_]/g, '');
  if (bare === '') return {};
  const value = name === 'accuracyNeeded' && bare.endsWith('%') ? Number(bare.slice(0, -1)) / 100 : Number(bare);
  if (bare === '%' || !Number.isFinite(value)) return { problem: 'Type a number, or nothing where you do not know.' };
  const checked = answers[name].safeParse(value);
  return checked.success ? { value } : { problem: `${checked.error.issues[0]!.message}.`.replace(/^e/, 'E') };
}

/** Asks every question in turn on a terminal; what is not known stays unanswered. Throws at Ctrl-C, with exit code 130. */
export async function askSituation(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<Situation> {
  const given: Partial<Record<Name, string | number | boolean>> = {};
  for (const [index, { name, message, choices, meaning }] of questions.entries()) {
    const asked = { message: `${index + 1}/${questions.length} ${message}`, input, output };
    if (choices === undefined) {
      const typed = await text({
        ...asked,
        placeholder: `${meaning}; nothing where you do not know`,
        validate: (value = '') => readNumber(name, value).problem,
      });
      given[name] = readNumber(name, notCancelled(typed) ?? '').value;
    } else {
      const options = [...choices, { value: unknown, label: 'I do not know' }];
      const chosen = notCancelled(await select({ ...asked, options, initialValue: unknown, showInstructions: false }));
      given[name] = chosen === unknown ? undefined : chosen === 'true' ? true : chosen === 'false' ? false : chosen;
    }
  }
  return answersSchema.parse(given);
}

function notCancelled<Value>(answer: Value): Exclude<Value, symbol> {
  if (typeof answer !== 'symbol') return answer as Exclude<Value, symbol>;
  throw new RungError({
    code: 'interrupted',
    message: 'Interrupted; nothing was decided.',
    hint: 'Run it again, or give the answers with --answers FILE.',
    exitCode: exitCodes.interrupted,
  });
}
