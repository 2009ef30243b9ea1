import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { inputError, messageOf } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';

/** One attack of a JailbreakBench artefact. */
export interface ArtefactAttack {
  readonly id: string;
  readonly method: string;
  readonly category: string;
  /** What the attack wants to be told. */
  readonly goal: string;
  readonly prompt: string;
}

/**
 * Reads the attack prompts of an artefact file (Chao et al. 2024, arXiv 2404.01318): an object with `parameters.method`
 * and `jailbreaks`, a list of goal, category and prompt. Entries whose prompt is null, where the method found no attack,
 * are left out. Throws a usage error for anything else.
 */
export async function readArtefact(path: string, folder: string): Promise<ArtefactAttack[]> {
  const file = resolve(folder, path);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw notAnArtefact(file, `cannot be read: ${messageOf(cause)}`);
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw notAnArtefact(file, `is not JSON: ${messageOf(error)}`);
  }
  const jailbreaks = isJsonObject(parsed) ? parsed['jailbreaks'] : undefined;
  if (!isJsonObject(parsed) || !Array.isArray(jailbreaks)) throw notAnArtefact(file, 'has no list "jailbreaks"');
  const parameters = parsed['parameters'];
  const method = isJsonObject(parameters) && typeof parameters['method'] === 'string' ? parameters['method'] : 'artefact';
  return jailbreaks.flatMap((entry: unknown, at): ArtefactAttack[] => {
    if (!isJsonObject(entry) || typeof entry['goal'] !== 'string') throw notAnArtefact(file, `has an entry ${at} without a goal`);
    const { goal, prompt, category } = entry;
    if (prompt === null || prompt === undefined) return [];
    if (typeof prompt !== 'string') throw notAnArtefact(file, `has an entry ${at} whose prompt is no text`);
    return [{ id: String(entry['index'] ?? at), method, category: typeof category === 'string' ? category : 'other', goal, prompt }];
  });
}

function notAnArtefact(file: string, what: string) {
  return inputError({
    code: 'artefact-unreadable',
    message: `The JailbreakBench artefact ${what}.`,
    hint: 'Give the path of a file with "parameters" and "jailbreaks", as JailbreakBench publishes them.',
    place: { file },
  });
}
