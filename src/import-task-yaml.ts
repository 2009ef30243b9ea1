import { stringify } from 'yaml';
import type { JsonObject } from '#core/json.ts';
import { shortText } from '#report/visible-text.ts';
import type { ImportDocument } from './import-document.ts';
import type { PastJob } from './import-past-job.ts';
import type { ImportedOutput } from './import-rows.ts';

interface TaskFileInput {
  readonly base: string;
  readonly instructions: string | undefined;
  readonly output: ImportedOutput;
  readonly now: JsonObject;
  readonly document: ImportDocument;
}

/** The task file of a past job. */
export function taskFile({ job, answers, source }: PastJob, { base, instructions, output, now, document }: TaskFileInput): string {
  const metrics = 'labels' in output ? ['accuracy', 'format'] : 'schema' in output ? ['fieldAccuracy', 'format'] : ['exact'];
  const elsewhere = /^https?:/.test(source) && new URL(source).host !== 'api.openai.com' ? source.replace(/\/+$/, '') : undefined;
  const task = {
    name: nameOf(job.fine_tuned_model ?? job.id),
    instructions: instructions ?? 'Answer as the examples do.',
    output,
    examples: 'examples.jsonl',
    models: { base },
    ...(elsewhere === undefined
      ? {}
      : { providers: { old: { kind: 'openai-compatible', baseUrl: elsewhere, apiKeyEnv: 'OPENAI_API_KEY' } } }),
    metrics,
  };
  const { retiresOn, tuned } = document.model;
  const until = retiresOn === null ? '' : ` It is switched off on ${retiresOn}.`;
  // with the words it was trained on and none beside them, where they are known
  const asked = instructions === undefined ? 'rung: zero-shot, name: before' : 'rung: prompt, version: original, name: before';
  const old = `  - { ${asked}, model: ${JSON.stringify(`${elsewhere === undefined ? 'openai' : 'old'}/${tuned}`)} }\n`;
  const settings = Object.entries(now).map(([name, value]) => `, ${name}: ${JSON.stringify(value)}`);
  const rung = document.hyperparameters.was['method'] === 'dpo' ? 'preference-tuned' : 'fine-tuned';
  const oldLines =
    tuned === null || answers === false
      ? `  # ${tuned === null ? 'The job left no tuned model' : 'The old tuned model does not answer any more'}.\n`
      : answers === true
        ? `  # The tuned model as it was; needs OPENAI_API_KEY.${until}\n${old}`
        : `  # The tuned model as it was: take the # away where it still answers; needs OPENAI_API_KEY.${until}\n${old.replace('  -', '  # -')}`;
  const rate = JSON.stringify(now).includes('learningRateMultiplier') ? " The multiplier is one of the new trainer's usual rate." : '';
  return `# Brought over from the fine-tuning job ${shortText(job.id, 80)} of ${shortText(job.model, 80)}; original.json has what was left of it.
${stringify(task, { lineWidth: 0 })}${'text' in output ? '# "exact" wants the very words; { judge: … } marks free text by what it says: see docs/techniques.md.\n' : ''}ladder:
${oldLines}  - { rung: zero-shot, name: untuned }
  # The same rows and settings on ${shortText(base, 80)}.${rate}
  - { rung: ${rung}, name: after${settings.join('')} }
`;
}

function nameOf(text: string): string {
  const [, , , suffix = ''] = text.split(':');
  return (
    (suffix || text)
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'imported'
  );
}
