import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { withPersonaLength } from '#approaches/persona-prompt.ts';
import { plainPrompt, renderPrompt, systemText } from '#approaches/prompt.ts';
import { type ExitCode, exitCodes, inputError } from '#core/errors.ts';
import type { Persona, PersonaLength } from '#core/task-brief.ts';
import { type PersonaFinding, personaFindings } from '#data/persona-contradictions.ts';
import { personaConversations } from '#data/persona-conversations.ts';
import { readExamples } from '#data/read-examples.ts';
import type { SourceDocument } from '#data/source-document.ts';
import { splitExamples } from '#data/split-examples.ts';
import { type LoadedTask, loadTask } from '#data/task-file.ts';
import { probes } from '#probes/index.ts';
import type { AddCommand } from './add-command.ts';
import { wholeNumber } from './flag-values.ts';
import { taskPath } from './record-decision.ts';
import { withDotEnv } from './run-task.ts';
import type { TerminalIo } from './terminal-io.ts';
import { writeAtomically } from './write-atomically.ts';

interface PersonaFlags {
  readonly json?: boolean;
  readonly length: PersonaLength;
  readonly most: number;
  readonly seed?: number;
  readonly output?: string;
}

type PersonaTask = LoadedTask & { readonly persona: Persona; readonly personaSource: SourceDocument };

const lengths: readonly PersonaLength[] = ['minimal', 'standard', 'detailed'];

/** `rung persona check|prompt|conversations [task]`: what a persona.yaml comes to. None asks a model. */
export const personaCommand: AddCommand = (program, io, exit) => {
  const persona = program.command('persona').description("check a task's persona, show its prompt, or write conversations to tune on");
  const about = (name: string, description: string) =>
    persona
      .command(name)
      .argument('[task]', 'task folder or file; without one, the nearest upward')
      .description(description)
      .option('--json', 'print one JSON document, alone, on stdout')
      .option('--debug', 'show stack traces');
  about('check', 'say where the persona contradicts itself').action(async (path: string | undefined, flags: PersonaFlags) =>
    exit(check(await personaTask(path, io), flags, io)),
  );
  about('prompt', 'show the system prompt that the persona comes to')
    .option('--length <length>', 'minimal, standard or detailed', lengthNamed, 'standard')
    .action(async (path: string | undefined, flags: PersonaFlags) => showPrompt(await personaTask(path, io), flags, io));
  about('conversations', 'write conversations in the voice, from the persona and the training split, as OpenAI chat JSONL')
    .option('-o, --output <file>', 'where to write; stdout where absent')
    .option('--most <n>', 'most conversations', wholeNumber, 200)
    .option('--length <length>', 'how much of the persona their system turn tells', lengthNamed, 'standard')
    .option('--seed <n>', 'what Rung draws is drawn from this', wholeNumber)
    .action(async (path: string | undefined, flags: PersonaFlags) => writeConversations(await personaTask(path, io), flags, io));
};

async function personaTask(path: string | undefined, io: TerminalIo): Promise<PersonaTask> {
  const task = await loadTask(await taskPath(path, io), { environment: await withDotEnv(io), probes });
  const { persona, personaSource } = task;
  if (persona !== undefined && personaSource !== undefined) return { ...task, persona, personaSource };
  throw inputError({
    code: 'no-persona',
    message: 'This task has no persona.',
    hint: 'Write persona.yaml beside the task file, with a name: and rules:.',
    place: { file: task.file },
  });
}

function check({ persona, personaSource }: PersonaTask, { json }: PersonaFlags, io: TerminalIo): ExitCode {
  const findings = personaFindings(persona, personaSource);
  const ok = findings.every(({ severity }) => severity !== 'error');
  if (json) io.stdout.write(`${JSON.stringify({ ok, findings })}\n`);
  else io.stdout.write(findings.length === 0 ? 'The persona does not contradict itself.\n' : findings.map(findingText).join(''));
  return ok ? exitCodes.done : exitCodes.usage;
}

function findingText({ severity, message, hint, place: { file, line } }: PersonaFinding): string {
  return `${severity}  ${file}${line === undefined ? '' : `:${line}`}\n  ${message} ${hint}\n`;
}

function showPrompt(task: PersonaTask, { json, length }: PersonaFlags, io: TerminalIo): void {
  const prompt = plainPrompt(withPersonaLength(task, length));
  const text = systemText(prompt);
  io.stdout.write(json ? `${JSON.stringify({ length, sections: prompt.sections, text })}\n` : `${text}\n`);
}

async function writeConversations(task: PersonaTask, flags: PersonaFlags, io: TerminalIo): Promise<void> {
  const { examples } = await readExamples(task);
  const { train } = splitExamples(examples, { ...task, seed: flags.seed ?? task.seed, file: task.examplesFile });
  const { persona, seed } = task;
  const made = await personaConversations({ persona, train, seed: flags.seed ?? seed, most: flags.most });
  const prompt = plainPrompt(withPersonaLength(task, flags.length));
  const rows = made.conversations.map(({ messages }) => ({ messages: renderPrompt(prompt, [], { messages }) }));
  const content = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  if (flags.output === undefined && !flags.json) {
    io.stdout.write(content);
    return;
  }
  const file = flags.output === undefined ? undefined : resolve(io.workingFolder, flags.output);
  if (file !== undefined) await writeAtomically(file, content);
  const kinds = Object.fromEntries(
    [...Map.groupBy(made.conversations, ({ kind }) => kind)].map(([kind, { length }]) => [kind, length] as const),
  );
  const report = { written: rows.length, broken: made.broken, kinds, ...(file === undefined ? { rows } : { file }) };
  if (flags.json) io.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    const told = Object.entries(kinds).map(([kind, number]) => `${number} ${kind}`);
    const left = made.broken === 0 ? '' : ` ${made.broken} answers were left out: they break a rule of the persona.`;
    io.stdout.write(`Wrote ${rows.length} conversations to ${flags.output}: ${told.join(', ')}.${left}\n`);
  }
}

function lengthNamed(text: string): PersonaLength {
  const length = lengths.find((name) => name === text);
  if (length === undefined) throw new InvalidArgumentError(`It must be one of: ${lengths.join(', ')}.`);
  return length;
}
