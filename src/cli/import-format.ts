import { visibleText } from '#report/visible-text.ts';
import type { ImportDocument } from '../import-document.ts';
import type { Line } from './terminal/styled-line.ts';

/** What an import brought, for people. */
export function formatImport(
  { job, model, output, rows, metrics, notes }: ImportDocument,
  { folder, written, dryRun }: { readonly folder: string; readonly written: readonly string[]; readonly dryRun: boolean },
): Line[] {
  const line = (text: string): Line => [{ text: visibleText(text) }];
  const figures = Object.entries(metrics).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`);
  return [
    line(`${job}: ${model.was}${model.tuned === null ? '' : `, tuned as ${model.tuned}`}`),
    line(
      `${rows.drawn > 0 ? `${rows.drawn} rows` : `${rows.training} training, ${rows.validation} validation and ${rows.test} test rows`}; answers are ${output === 'labels' ? 'labels' : output === 'json' ? 'JSON' : 'text'}.`,
    ),
    ...(figures.length === 0 ? [] : [line(`At its end: ${figures.join(', ')}.`)]),
    ...(model.retiresOn === null ? [] : [line(`Its base is switched off on ${model.retiresOn}, and the tuned model with it.`)]),
    ...notes.map((note) => line(`- ${note}`)),
    line(`${dryRun ? 'Would write' : 'Wrote'} ${written.join(', ')}.`),
    ...(dryRun ? [] : [line(`Compare the old model with a new one: rung climb ${folder}`)]),
  ];
}
