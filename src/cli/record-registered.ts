import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { candidateId, type Manifest } from '#core/candidate.ts';
import { messageOf } from '#core/errors.ts';
import type { Verdict } from '#core/verdict.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import type { PlannedTask } from '../session.ts';
import { stateFolder } from '../task-state.ts';

/** Whether one thing that a decision rests on is still what was registered. */
export interface RegisteredCheck {
  readonly what: 'criteria' | 'examples' | 'candidate';
  readonly status: 'same' | 'differs' | 'not-checked';
  readonly why: string;
}

/** Holds the task as it is now, and the chosen candidate as it is stored, against the hashes of the decision. */
export async function checkRegistered(verdict: Verdict, { task, plan }: PlannedTask): Promise<RegisteredCheck[]> {
  const { hash, splitHash, changed } = verdict.criteria;
  return [
    compared('criteria', hash === plan.criteriaHash, 'metrics, goals, confidence, smallest gain or output are not those of the decision'),
    compared('examples', splitHash === plan.splits.hash, 'examples or their split are not those of the decision'),
    ...(changed
      ? [
          {
            what: 'criteria',
            status: 'differs',
            why: 'criteria or split had been changed after the first answer when this was decided',
          } as const,
        ]
      : []),
    await checkCandidate(verdict, stateFolder(task)),
  ];
}

function compared(what: RegisteredCheck['what'], same: boolean, difference: string): RegisteredCheck {
  return same ? { what, status: 'same', why: 'as registered' } : { what, status: 'differs', why: difference };
}

async function checkCandidate({ chosen }: Verdict, folder: string): Promise<RegisteredCheck> {
  const result = (status: RegisteredCheck['status'], why: string): RegisteredCheck => ({ what: 'candidate', status, why });
  if (chosen === null) return result('not-checked', 'none was chosen');
  const file = join(folder, 'store.sqlite');
  // a fresh clone has the decision and not what was measured: that tells nothing of the candidate
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return result('not-checked', 'this machine has no store of the task');
  try {
    const manifest = await storedManifest(file, chosen.candidate);
    if (manifest === undefined) return result('differs', `the store does not hold ${chosen.candidate}`);
    if (candidateId(manifest) !== chosen.candidate) return result('differs', `the stored manifest is not that of ${chosen.candidate}`);
    const artefacts = openArtefacts(folder);
    const adapter = manifest.model?.adapter;
    for (const id of [...Object.values(manifest.artefacts), ...(adapter === undefined ? [] : [adapter])]) await artefacts.path(id);
    return result('same', 'as registered');
  } catch (error) {
    return result('differs', messageOf(error));
  }
}

async function storedManifest(file: string, candidate: string): Promise<Manifest | undefined> {
  const store = await openSqliteStore(file);
  try {
    return (await store.candidate(candidate))?.manifest;
  } finally {
    await store.close();
  }
}
