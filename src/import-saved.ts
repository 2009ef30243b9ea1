import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inputError } from '#core/errors.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import { isMissing } from '#data/inside-folder.ts';
import { type PastJob, readPastJob } from './import-past-job.ts';

/** Reads a past job that was saved: job.json and training.jsonl, and where they are there validation.jsonl, results.csv, events.json, checkpoints.json. */
export async function readFromFolder(folder: string): Promise<PastJob> {
  const read = (name: string) => textOf(join(folder, name));
  const file = join(folder, 'job.json');
  const job = readPastJob(parsed(await needed(file), file), file);
  const training = await needed(join(folder, 'training.jsonl'));
  const [validation, results, events, checkpoints] = await Promise.all([
    read('validation.jsonl'),
    read('results.csv'),
    listOf(join(folder, 'events.json')),
    listOf(join(folder, 'checkpoints.json')),
  ]);
  const missing =
    job.validation_file && validation === undefined ? ['The job had a validation file, and there is no validation.jsonl.'] : [];
  return {
    source: folder,
    ...{ job, training, events, checkpoints, missing },
    ...(validation === undefined ? {} : { validation }),
    results: results === undefined ? [] : [results],
  };
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function needed(file: string): Promise<string> {
  const text = await textOf(file);
  if (text !== undefined) return text;
  throw inputError({
    code: 'file-missing',
    message: 'There is no such file.',
    hint: 'A saved job is a folder with job.json (what GET /v1/fine_tuning/jobs/JOB gives) and training.jsonl.',
    place: { file },
  });
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw inputError({
      code: 'import-json',
      message: 'The file is not JSON.',
      hint: 'Save it again as the API gives it.',
      place: { file },
      cause,
    });
  }
}

/** A list, or the `data` of a page as the API gives it, the newest first; the oldest first here. */
async function listOf(file: string): Promise<readonly JsonObject[]> {
  const text = await textOf(file);
  if (text === undefined) return [];
  const value = parsed(text, file);
  const list = isJsonObject(value) ? value['data'] : value;
  if (!Array.isArray(list))
    throw inputError({
      code: 'import-json',
      message: 'The file holds no list.',
      hint: 'Save it again as the API gives it.',
      place: { file },
    });
  return (list.filter(isJsonObject) as JsonObject[]).toReversed();
}
