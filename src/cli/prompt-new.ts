import { Option } from 'commander';
import { inputError } from '#core/errors.ts';
import type { Output } from '#core/output.ts';
import { parseSlots } from '#data/prompt-slots.ts';
import { promptTemplates } from '#data/prompt-templates.ts';
import type { AddCommand } from './add-command.ts';
import { print } from './prompt-output.ts';
import { shownPath, withTask } from './prompt-task.ts';
import { writeVersion } from './prompt-write.ts';

const usual: Readonly<Record<Output['kind'], string>> = { labels: 'classify', json: 'extract', text: 'converse' };

/** Slots that only one kind of output has something for. */
const wanted: ReadonlyMap<string, Output['kind']> = new Map([
  ['labels', 'labels'],
  ['schema', 'json'],
]);

/** `rung prompt new NAME --template classify [task]`: a version to begin with. */
export const addPromptNew: AddCommand = (prompt, io) => {
  prompt
    .command('new')
    .argument('<name>', 'name of the version: its file in prompts/ without .md')
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description('write a version to begin with')
    .addOption(
      new Option(
        '--template <name>',
        `${promptTemplates.map(({ id, summary }) => `${id}: ${summary}`).join('; ')}; what fits the output where absent`,
      ).choices(promptTemplates.map(({ id }) => id)),
    )
    .option('--json', 'print one JSON document on stdout')
    .option('--debug', 'show stack traces')
    .action(async (name: string, path: string | undefined, flags: { template?: string; json?: boolean }) =>
      withTask(path, io, async ({ planned: { task } }) => {
        const template = flags.template ?? usual[task.output.kind];
        const { body } = promptTemplates.find(({ id }) => id === template)!;
        refuseOtherOutput(template, body, task.output);
        const file = await writeVersion(task, name, `---\nschema: rung.prompt/1\nauthor: person\n---\n\n${body}`);
        print(io, flags.json, { schema: 'rung.prompt-written/1', version: name, template, file }, () => [
          [{ text: `Wrote ${shownPath(file, io)} from the template ${template}.` }],
          [{ text: `Look at it with rung prompt show ${name}; put { rung: prompt, version: ${name} } on the ladder to measure it.` }],
        ]);
      }),
    );
};

function refuseOtherOutput(template: string, body: string, output: Output): void {
  const slots = parseSlots(body, { file: template }).flatMap((part) => (typeof part === 'string' ? [] : [part.slot]));
  const unfit = slots.find((slot) => (wanted.get(slot) ?? output.kind) !== output.kind);
  if (unfit === undefined) return;
  throw inputError({
    code: 'template-unfit',
    message: `The template ${template} needs a task whose output ${unfit === 'labels' ? 'is a list of labels' : 'has a schema'}.`,
    hint: `For this task take ${usual[output.kind]}.`,
  });
}
