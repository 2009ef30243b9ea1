import { usualPassages, withFoundPassages } from '#approaches/prompt-knowledge.ts';
import { versionState } from '#approaches/prompt-version.ts';
import { inputError } from '#core/errors.ts';
import type { Example } from '#core/example.ts';
import { countText } from '#report/number-text.ts';
import { visibleText } from '#report/visible-text.ts';
import type { AddCommand } from './add-command.ts';
import { withModels } from './prompt-models.ts';
import { print } from './prompt-output.ts';
import { type OpenTask, withTask } from './prompt-task.ts';
import { countPrompt, type PromptTokens } from './prompt-tokens.ts';
import { wrapWords } from './terminal/cell-width.ts';
import { prose } from './terminal/prose.ts';
import type { Line } from './terminal/styled-line.ts';
import { type Column, textTable } from './terminal/text-table.ts';

interface ShowFlags {
  readonly row?: string;
  readonly overlays?: readonly string[];
  readonly model: string;
  readonly json?: boolean;
}

/** `rung prompt show NAME [task]`: the conversation that a version sends for an example, and the tokens of its parts. */
export const addPromptShow: AddCommand = (prompt, io) => {
  prompt
    .command('show')
    .argument('<name>', 'a version')
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description('the conversation that a version sends for an example, and the tokens of its parts')
    .option('--row <id>', 'the example to show it for; the first of the training split where absent')
    .option('--overlays <names...>', 'overlays to lay over it, in their order')
    .option('--model <name>', 'role or name of the model whose tokens are counted', 'base')
    .option('--json', 'print one JSON document on stdout')
    .option('--debug', 'show stack traces')
    .action(async (name: string, path: string | undefined, flags: ShowFlags) =>
      withTask(path, io, async (open) => {
        const { task, plan } = open.planned;
        const options = { version: name, ...(flags.overlays && { overlays: flags.overlays }) };
        const state = versionState({ task, prompts: plan.prompts, options });
        const example = exampleFor(open, flags.row);
        const tokens = await withModels(open, async (models) =>
          countPrompt(
            withFoundPassages(state, plan, usualPassages, example.input),
            example.input,
            await models.open({ model: models.nameOf(flags.model) }),
          ),
        );
        const document = { schema: 'rung.prompt-shown/1', ...options, example: example.id, ...tokens };
        print(io, flags.json, document, (columns) => [...conversationLines(tokens, columns), ...tokenLines(tokens, columns)]);
      }),
    );
};

function exampleFor({ planned: { plan } }: OpenTask, id: string | undefined): Example {
  const { train, validation } = plan.splits;
  // the test split stays unseen, unless one of its rows is asked for by name
  const examples =
    id === undefined
      ? [...train, ...validation, ...plan.splits.test]
      : [...train, ...validation, ...plan.splits.test].filter((row) => row.id === id);
  const found = examples[0];
  if (found !== undefined) return found;
  throw inputError({
    code: 'unknown-row',
    message: `There is no example with the id ${JSON.stringify(id)}.`,
    hint: `One is ${JSON.stringify(train[0]?.id)}.`,
    place: { file: plan.task.examplesFile },
  });
}

function conversationLines({ messages }: PromptTokens, columns: number): Line[] {
  return messages.flatMap(({ role, content }): Line[] => [
    [{ text: role, style: 'bold' }],
    ...content.split('\n').flatMap((line): Line[] => {
      const wrapped = wrapWords(visibleText(line), columns - 2);
      return wrapped.length === 0 ? [[]] : wrapped.map((text) => [{ text: `  ${text}` }]);
    }),
    [],
  ]);
}

function tokenLines({ parts, template, total, estimated, contextLength, tooLong }: PromptTokens, columns: number): Line[] {
  const rows = [
    ...parts.map(({ name, tokens }) => ({ name, tokens, about: estimated })),
    { name: 'chat template', tokens: template.tokens, about: template.estimated },
    { name: 'total', tokens: total, about: estimated || template.estimated },
  ];
  const table: Column<(typeof rows)[number]>[] = [
    { title: 'part', keep: 3, cell: ({ name }) => [{ text: visibleText(name), ...(name === 'total' && { style: 'bold' as const }) }] },
    { title: 'tokens', keep: 2, right: true, cell: ({ tokens, about }) => [{ text: `${about ? 'about ' : ''}${countText(tokens)}` }] },
    { title: 'share', keep: 1, right: true, cell: ({ tokens }) => [{ text: `${total === 0 ? 0 : Math.round((100 * tokens) / total)} %` }] },
  ];
  const limit =
    contextLength === undefined ? [] : prose(`The model reads ${countText(contextLength)} tokens, its answer included.`, columns, 'gray');
  return [
    ...textTable(table, rows, columns),
    ...limit,
    ...(tooLong === undefined ? [] : prose(`That is ${countText(tooLong.by)} tokens too many. ${tooLong.advice}`, columns, 'red')),
  ];
}
