import { join } from 'node:path';
import type { ArtefactStore } from '#core/approach.ts';
import type { Store } from '#core/store.ts';
import { renderReport } from '#report/report.ts';
import { decisionMarkdown } from '#verdict/record.ts';
import type { ClimbResult, PlannedTask } from '../session.ts';
import { gatherReport } from './gather-report.ts';
import { writeScores } from './prompt-scores.ts';
import { writeAtomically } from './write-atomically.ts';

type Open = { readonly store: Store; readonly artefacts: ArtefactStore };

/** Writes the decision for people and for machines, the report, and the scores of prompt versions into the task folder; gives the paths. */
export async function writeRecord(planned: PlannedTask, result: ClimbResult, open: Open): Promise<string[]> {
  const { folder } = planned.task;
  const markdown = join(folder, 'decision.md');
  const json = join(folder, 'decision.json');
  await writeAtomically(markdown, decisionMarkdown(result.verdict, planned.task));
  await writeAtomically(json, `${JSON.stringify(result.verdict, null, 2)}\n`);
  const scored = await writeScores(planned, result, open.store);
  return [markdown, json, await writeReport(planned, result, open, join(folder, 'report.html')), ...scored];
}

export async function writeReport(planned: PlannedTask, result: ClimbResult, open: Open, file: string): Promise<string> {
  await writeAtomically(file, renderReport(await gatherReport(planned, result, open)));
  return file;
}
