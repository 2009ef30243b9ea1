import { readTrials } from '#approaches/optimized-history.ts';
import { systemText } from '#approaches/prompt.ts';
import type { ArtefactStore } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import { RungError } from '#core/errors.ts';
import { expectedText, textOf } from '#core/example.ts';
import { isJsonObject } from '#core/json.ts';
import type { Prompt, Shot } from '#core/prompt.ts';
import type { Store } from '#core/store.ts';
import { rowKey } from '#engine/execute.ts';
import type { OptimisationData } from '#report/optimisation.ts';
import type { BrokenSteps, Confusion, Disagreement, ReportInput, RungPrompt } from '#report/report-input.ts';
import { confusion, disagreements, labelTable } from '#verdict/tables.ts';
import type { ClimbResult, PlannedTask } from '../session.ts';

const disagreementsShown = 50;
const brokenShown = 3;
const brokenLookedAt = 1000;

/** All that the report shows of a climb: its verdict and evidence, and what the store knows of single rows and prompts. */
export async function gatherReport(
  { task }: PlannedTask,
  result: ClimbResult,
  open: { store: Store; artefacts: ArtefactStore },
): Promise<ReportInput> {
  const { verdict, evidence } = result;
  const manifests = await manifestsOf(result, open.store);
  const shown = verdict.chosen?.candidate ?? bestOf(result);
  const index = evidence.candidates.findIndex(({ candidate }) => candidate === shown);
  const rows = index < 0 ? undefined : labelTable(evidence, index, task.confidence);
  const matrix = index < 0 ? undefined : confusion(evidence, index);
  return {
    verdict,
    task,
    evidence,
    manifests,
    prompts: manifests.flatMap(promptOf),
    services: Object.fromEntries(verdict.rungs.map((rung) => [rung.rung, rung.service ?? {}])),
    labels:
      rows === undefined
        ? undefined
        : {
            rung: evidence.candidates[index]?.rung ?? '',
            rows: rows.map(({ label, n, precision = null, recall = null, f1 = null }) => ({ label, n, precision, recall, f1 })),
            confusion: matrix === undefined ? undefined : withUnread(matrix),
          },
    disagreements: await disagreementsOf(result, open.store),
    ...(await searchesOf(result, manifests, open.artefacts)),
    brokenSteps: await brokenStepsOf(result, open.store),
  };
}

async function manifestsOf({ evidence }: ClimbResult, store: Store): Promise<Manifest[]> {
  const prepared = await Promise.all(evidence.candidates.map(({ candidate }) => store.candidate(candidate)));
  return prepared.flatMap((found) => (found === undefined ? [] : [found.manifest]));
}

function bestOf({ verdict, evidence }: ClimbResult): string | undefined {
  const leading = Object.keys(evidence.candidates[0]?.scores ?? {})[0] ?? '';
  const measured = verdict.rungs.filter((rung) => rung.metrics[leading] !== undefined);
  return measured.sort((a, b) => (b.metrics[leading]?.value ?? 0) - (a.metrics[leading]?.value ?? 0))[0]?.candidate;
}

function withUnread({ labels, counts, unread }: NonNullable<ReturnType<typeof confusion>>): Confusion {
  if (unread.every((count) => count === 0)) return { expected: labels, answered: labels, counts };
  return { expected: labels, answered: [...labels, 'no answer'], counts: counts.map((row, index) => [...row, unread[index] ?? 0]) };
}

function promptOf({ name, state }: Manifest): RungPrompt[] {
  if (!isJsonObject(state['prompt'])) return [];
  const shots = (state['shots'] ?? []) as unknown as readonly Shot[];
  return [
    {
      rung: name,
      sections: [
        { title: 'system', text: systemText(state['prompt'] as unknown as Prompt) },
        ...shots.map((shot, index) => ({ title: `example ${index + 1}`, text: `${textOf(shot.input)}\n→ ${shot.answer}` })),
      ],
    },
  ];
}

async function disagreementsOf({ evidence, examples }: ClimbResult, store: Store): Promise<ReportInput['disagreements']> {
  const all = disagreements(evidence);
  const rows: Disagreement[] = [];
  for (const { row, answers } of all.slice(0, disagreementsShown)) {
    const example = examples[row];
    if (example === undefined) continue;
    const shown = answers.map(async ({ rung, candidate, score }) => {
      const found = await store.row(candidate, evidence.split, rowKey(example));
      const { answer, failure } = found ?? {};
      return { rung, text: answer?.text ?? null, right: score >= 1, failure: failure?.message, steps: answer?.steps };
    });
    const expected = example.expected === undefined ? undefined : expectedText(example.expected);
    rows.push({ id: example.id, input: textOf(example.input), expected, answers: await Promise.all(shown) });
  }
  return { rows, total: all.length, examined: evidence.examples.length };
}

/** A few answers of each rung whose steps broke, found among its first rows. */
async function brokenStepsOf({ evidence, examples }: ClimbResult, store: Store): Promise<BrokenSteps[]> {
  const found: BrokenSteps[] = [];
  for (const { rung, candidate, stepFaults = [] } of evidence.candidates) {
    const enough = found.length + (stepFaults.length === 0 ? 0 : brokenShown);
    for (const example of examples.slice(0, brokenLookedAt)) {
      if (found.length >= enough) break;
      const row = await store.row(candidate, evidence.split, rowKey(example));
      const steps = row?.answer?.steps ?? [];
      if (steps.some(({ fault }) => fault !== undefined)) found.push({ rung, id: example.id, input: textOf(example.input), steps });
    }
  }
  return found;
}

/** Courses of prompt searches; one that another version wrote is named, and the report goes on without it. */
async function searchesOf({ evidence }: ClimbResult, manifests: readonly Manifest[], artefacts: ArtefactStore) {
  const metric = Object.keys(evidence.candidates[0]?.scores ?? {})[0] ?? 'score';
  const optimisations: OptimisationData[] = [];
  const unreadSearches: { rung: string; why: string }[] = [];
  for (const manifest of manifests) {
    try {
      const history = await readTrials(artefacts, manifest);
      if (history !== undefined) optimisations.push({ rung: manifest.name, metric, history });
    } catch (error) {
      if (!RungError.is(error)) throw error;
      unreadSearches.push({ rung: manifest.name, why: error.message });
    }
  }
  return { optimisations, unreadSearches };
}
