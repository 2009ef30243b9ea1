import { plainConflicts, rungConflicts } from '#approaches/overlay-base.ts';
import { usualPassages, withFoundPassages } from '#approaches/prompt-knowledge.ts';
import { versionState } from '#approaches/prompt-version.ts';
import { exitCodes, RungError } from '#core/errors.ts';
import { textOf } from '#core/example.ts';
import type { PromptVersion } from '#core/prompt.ts';
import type { AddCommand } from './add-command.ts';
import { withModels } from './prompt-models.ts';
import { print } from './prompt-output.ts';
import { type OpenTask, shownPath, withTask } from './prompt-task.ts';
import { countPrompt } from './prompt-tokens.ts';
import { prose } from './terminal/prose.ts';
import type { TerminalIo } from './terminal-io.ts';

interface Finding {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly places: readonly { readonly file: string; readonly heading?: string }[];
}

/** `rung prompt check [task]`: slots that cannot be filled, prompts that are too long, overlays that contradict. Exit 2 with errors. */
export const addPromptCheck: AddCommand = (prompt, io, exit) => {
  prompt
    .command('check')
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description('slots that cannot be filled, prompts that are too long, overlays that contradict')
    .option('--model <name>', 'role or name of the model whose context is held against them', 'base')
    .option('--json', 'print one JSON document on stdout')
    .option('--debug', 'show stack traces')
    .action(async (path: string | undefined, flags: { model: string; json?: boolean }) =>
      withTask(path, io, async (open) => {
        const { versions, overlays } = open.planned.plan.prompts;
        const findings = [...(await versionFindings(open, flags.model)), ...conflictFindings(open)];
        const ok = findings.every(({ severity }) => severity !== 'error');
        print(
          io,
          flags.json,
          { schema: 'rung.prompt-check/1', prompts: versions.length, overlays: overlays.length, ok, findings },
          (columns) =>
            findings.length === 0
              ? prose(`${counted(versions.length, 'version')} and ${counted(overlays.length, 'overlay')}: nothing found.`, columns)
              : findings.flatMap((finding) =>
                  prose(`${placesText(finding, io)}${finding.message}`, columns, undefined, `${finding.severity}: `),
                ),
        );
        exit(ok ? exitCodes.done : exitCodes.usage);
      }),
    );
};

async function versionFindings(open: OpenTask, model: string): Promise<readonly Finding[]> {
  const { plan } = open.planned;
  const rows = [...plan.splits.train, ...plan.splits.validation];
  const longest = rows.reduce((one, other) => (textOf(other.input).length > textOf(one.input).length ? other : one), rows[0]!);
  return withModels(open, async (models) => {
    const opened = await models.open({ model: models.nameOf(model) });
    const findings: Finding[] = [];
    for (const version of plan.prompts.versions) {
      const state = stateOf(version, open);
      if ('severity' in state) findings.push(state);
      else {
        const { tooLong, total, contextLength, estimated } = await countPrompt(
          withFoundPassages(state, plan, usualPassages, longest?.input ?? ''),
          longest?.input ?? '',
          opened,
        );
        if (tooLong === undefined) continue;
        const size = `With the longest example it has ${estimated ? 'about ' : ''}${total} tokens and ${opened.name} reads ${contextLength}: ${tooLong.by} too many.`;
        findings.push({
          severity: 'error',
          code: 'prompt-too-long',
          message: `${size} ${tooLong.advice}`,
          places: [{ file: version.file }],
        });
      }
    }
    return findings;
  });
}

function stateOf({ name, file }: PromptVersion, { planned: { task, plan } }: OpenTask): ReturnType<typeof versionState> | Finding {
  try {
    return versionState({ task, prompts: plan.prompts, options: { version: name } });
  } catch (error) {
    if (!RungError.is(error)) throw error;
    return {
      severity: 'error',
      code: error.code,
      message: `${error.message} ${error.hint ?? ''}`.trim(),
      places: [error.place ?? { file }],
    };
  }
}

/** Conflicts on the rungs that have overlays; of overlays that no rung has, with the plain prompt. */
function conflictFindings({ planned: { task, plan, personaFile } }: OpenTask): readonly Finding[] {
  const about = { task, file: task.file, prompts: plan.prompts, ...(personaFile === undefined ? {} : { personaFile }) };
  const used = plan.rungs.flatMap(({ approach, options }) => rungConflicts({ approach: approach.id, options }, about));
  const laid = new Set(
    plan.rungs.flatMap(({ approach, options }) =>
      approach.id === 'hybrid' && (options['form'] ?? 'overlays') === 'overlays' && options['overlays'] === undefined
        ? plan.prompts.overlays.map(({ name }) => name)
        : [options['overlays'] ?? []].flat().map(String),
    ),
  );
  const unused = plan.prompts.overlays.filter(({ name }) => !laid.has(name)).flatMap((overlay) => plainConflicts([overlay], about));
  const all = new Map([...used, ...unused].map((conflict) => [conflict.message, conflict]));
  return [...all.values()].map(({ code, message, places }) => ({ severity: 'warning', code, message, places }));
}

function placesText({ severity, places }: Finding, io: TerminalIo): string {
  // a conflict names its places in its own sentence
  return severity === 'warning' || places[0] === undefined ? '' : `${shownPath(places[0].file, io)}: `;
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
