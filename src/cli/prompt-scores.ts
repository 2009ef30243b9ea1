import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { PromptScore, PromptVersion } from '#core/prompt.ts';
import type { Store } from '#core/store.ts';
import type { VerdictRung } from '#core/verdict.ts';
import { readPromptFile, withScores } from '#data/prompt-file.ts';
import { decodePrompt } from '#data/prompt-library.ts';
import type { ClimbResult, PlannedTask } from '../session.ts';
import { writeAtomically } from './write-atomically.ts';

/**
 * Writes what a climb measured into the front matter of the versions that its `prompt` rungs asked with; gives the files
 * that changed. A version with overlays is another prompt and a file that was edited meanwhile another version: neither
 * gets the score.
 */
export async function writeScores({ plan }: PlannedTask, { verdict, evidence }: ClimbResult, store: Store): Promise<string[]> {
  const { split } = evidence;
  const metrics = new Set(plan.metrics.map(({ id }) => id));
  const changed: string[] = [];
  if (split === 'train') return changed;
  for (const rung of verdict.rungs) {
    const manifest = (await store.candidate(rung.candidate))?.manifest;
    if (manifest?.approach !== 'prompt' || manifest.state['overlays'] !== undefined) continue;
    const version = plan.prompts.versions.find(({ name }) => name === manifest.state['version']);
    const scores = scoresOf(rung, split, metrics);
    if (version !== undefined && scores.length > 0 && (await writeInto(version, scores))) changed.push(version.file);
  }
  return [...new Set(changed)];
}

function scoresOf(
  { metrics, candidate, model, failures = 0 }: VerdictRung,
  split: PromptScore['split'],
  wanted: ReadonlySet<string>,
): PromptScore[] {
  return Object.entries(metrics).flatMap(([metric, { value, low, high, n, method }]) =>
    // where no row brought an answer the prompt was not measured
    wanted.has(metric) && model !== null && failures < n ? [{ metric, value, low, high, n, method, split, candidate, model }] : [],
  );
}

async function writeInto({ name, file, prompt, shots }: PromptVersion, scores: readonly PromptScore[]): Promise<boolean> {
  const before = await readFile(file).catch(() => undefined);
  if (before === undefined) return false;
  const content = decodePrompt(before, file);
  const now = readPromptFile(content, name, file);
  if (!isDeepStrictEqual([now.prompt, now.shots], [prompt, shots])) return false;
  const after = withScores(content, scores, file);
  if (after === undefined || after === content) return false;
  await writeAtomically(file, after);
  return true;
}
