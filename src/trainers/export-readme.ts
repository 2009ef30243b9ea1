import type { ExportedJob, TrainingExport } from './training-export.ts';

/** What the exported folder is, how to run it, and how its adapter comes back to a task folder, named from the exported one. */
export function exportReadme(exporter: TrainingExport, { job, base, settings }: ExportedJob, importCommand: string): string {
  const { train, validation, method } = job;
  return `# A training job for ${exporter.id}

${train.length} training and ${validation.length} validation rows, method ${method}, base ${base}. LoRA of rank ${settings.rank} and
alpha ${settings.alpha} on all linear layers, learning rate ${settings.learningRate}, passes over the rows: ${settings.epochs}, rows in a batch:
${settings.batchSize}.

    ${exporter.install}
    ${exporter.command}

Run it in this folder. The adapter then lies in \`${exporter.adapter}\`. To measure it on the task, and put it to the guards:

    ${importCommand}

## What differs from a tune by Rung

${exporter.differences.map((difference) => `- ${difference}`).join('\n')}
`;
}
