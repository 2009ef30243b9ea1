import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { inputError } from '#core/errors.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import { replyError, retryAfterMs, type ServiceIdentity, type ServiceReply, transportError } from '#http/service-error.ts';
import { type PastJob, type PastJobObject, readPastJob } from './import-past-job.ts';

export interface OpenAiAccess {
  readonly baseUrl: URL;
  readonly key: string;
  readonly keyVariable: string;
  readonly signal: AbortSignal;
  /** Files that stand in for those that the service does not have any more. */
  readonly training?: string;
  readonly validation?: string;
  progress?(message: string): void;
}

const tries = 4;
const firstWaitMs = 500;
const timeoutMs = 120_000;
const pageLimit = 100;
/** Far more than a job tells; keeps a faulty service from being asked for ever. */
const mostPages = 1_000;

/** The addresses that are asked, under the base URL, for a job whose files are not known yet. */
export function askedOf(job: string): readonly string[] {
  const path = `fine_tuning/jobs/${job}`;
  return [
    path,
    'files/TRAINING/content',
    'files/VALIDATION/content',
    'files/RESULTS/content',
    `${path}/events`,
    `${path}/checkpoints`,
    'models/TUNED',
  ];
}

/** Reads a past job and what was left of it. Throws where the job or its training file cannot be had; says what else is missing. */
export async function readFromOpenAi(id: string, access: OpenAiAccess): Promise<PastJob> {
  if (!/^ft(job)?-[A-Za-z0-9_-]+$/.test(id)) {
    throw inputError({
      code: 'import-job',
      message: `${JSON.stringify(id)} is no id of a fine-tuning job.`,
      hint: 'They read ftjob-…; list them in the dashboard.',
    });
  }
  const told = (message: string) => access.progress?.(message);
  told(`Reading ${id}`);
  const path = `fine_tuning/jobs/${id}`;
  const found = await get(path, access);
  if (found.status === 404) {
    throw inputError({
      code: 'import-job-unknown',
      message: `${access.baseUrl.host} knows no job ${id}.`,
      hint: `Check the id, and that ${access.keyVariable} is a key of the project that ran it.`,
    });
  }
  const job = readPastJob(jsonOf(bodyOf(found, access), access), access.baseUrl.href);
  const missing: string[] = [];
  told('Reading its files');
  const training = access.training ?? (await fileText(job.training_file, access));
  if (training === undefined) {
    throw inputError({
      code: 'import-training-gone',
      message: `The training file ${job.training_file} was deleted at ${access.baseUrl.host}.`,
      hint: 'Give your own copy with --training FILE.',
    });
  }
  const { validation, ...validated } = await validationOf(job, access);
  missing.push(...validated.missing);
  const results: string[] = [];
  for (const file of job.result_files) {
    const reply = await getFile(file, access);
    if (reply.status === 200) results.push(plainCsv(reply.body));
    else missing.push(reply.status === 404 ? `The result file ${file} was deleted.` : notHad(`The result file ${file}`, reply));
  }
  told('Reading its events and checkpoints');
  const events = (await pages(`${path}/events`, access, missing)).reverse();
  const checkpoints = (await pages(`${path}/checkpoints`, access, missing)).reverse();
  const answers = job.fine_tuned_model ? await stillAnswers(job.fine_tuned_model, access, missing) : false;
  const { baseUrl } = access;
  return {
    source: baseUrl.href,
    job,
    training,
    ...(validation === undefined ? {} : { validation }),
    results,
    events,
    checkpoints,
    ...(answers === undefined ? {} : { answers }),
    missing,
  };
}

/** Whether the service still has the tuned model; undefined, and said, where it does not tell. */
async function stillAnswers(model: string, access: OpenAiAccess, missing: string[]): Promise<boolean | undefined> {
  const reply = await get(`models/${encodeURIComponent(model)}`, access);
  if (reply.status === 200 || reply.status === 404) return reply.status === 200;
  missing.push(notHad('Whether the tuned model still answers', reply));
  return undefined;
}

async function validationOf({ validation_file }: PastJobObject, access: OpenAiAccess): Promise<{ validation?: string; missing: string[] }> {
  if (access.validation !== undefined) return { validation: access.validation, missing: [] };
  if (!validation_file) return { missing: [] };
  const reply = await getFile(validation_file, access);
  if (reply.status === 200) return { validation: reply.body, missing: [] };
  const why = reply.status === 404 ? 'was deleted' : `cannot be had (HTTP status ${reply.status})`;
  return { missing: [`The validation file ${validation_file} ${why}; a copy can be given with --validation.`] };
}

/** A file's text; undefined where the service has it no more. */
async function fileText(id: string, access: OpenAiAccess): Promise<string | undefined> {
  const reply = await getFile(id, access);
  return reply.status === 404 ? undefined : bodyOf(reply, access);
}

function getFile(id: string, access: OpenAiAccess): Promise<ServiceReply> {
  return get(`files/${encodeURIComponent(id)}/content`, access);
}

function notHad(what: string, { status }: ServiceReply): string {
  return `${what} cannot be had: the service answered with HTTP status ${status}.`;
}

// some result files come as base64, as the service once changed to and never said
function plainCsv(text: string): string {
  if (text.startsWith('step')) return text;
  const decoded = Buffer.from(text, 'base64').toString('utf8');
  return decoded.startsWith('step') ? decoded : text;
}

async function pages(path: string, access: OpenAiAccess, missing: string[]): Promise<JsonObject[]> {
  const all: JsonObject[] = [];
  let after = '';
  for (let page = 0; page < mostPages; page++) {
    const reply = await get(`${path}?limit=${pageLimit}${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`, access);
    if (reply.status !== 200) {
      const name = path.endsWith('events') ? 'Its events' : 'Its checkpoints';
      missing.push(reply.status === 404 ? `${name} cannot be had any more.` : notHad(name, reply));
      return all;
    }
    const body = jsonOf(reply.body, access);
    const data = isJsonObject(body) && Array.isArray(body['data']) ? body['data'].filter(isJsonObject) : [];
    all.push(...(data as JsonObject[]));
    const last = data.at(-1)?.['id'];
    if (!isJsonObject(body) || body['has_more'] !== true || typeof last !== 'string' || last === after) break;
    after = last;
  }
  return all;
}

function jsonOf(text: string, { baseUrl }: OpenAiAccess): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw inputError({
      code: 'import-reply',
      message: `${baseUrl.host} answered with something that is no JSON.`,
      hint: 'Check --base-url: it is the address of the API, mostly one that ends in /v1.',
      cause,
    });
  }
}

function bodyOf(reply: ServiceReply, { baseUrl, key, keyVariable }: OpenAiAccess): string {
  if (reply.status === 200) return reply.body;
  throw replyError(reply, { name: baseUrl.host, key, keyVariable }, Date.now());
}

/** One GET; asked again where the service is busy or away. Gives refusals as they are. */
async function get(path: string, access: OpenAiAccess): Promise<ServiceReply> {
  const { baseUrl, key, signal } = access;
  const service: ServiceIdentity = { name: baseUrl.host, key, keyVariable: access.keyVariable };
  const url = `${baseUrl.href.replace(/\/+$/, '')}/${path}`;
  for (let attempt = 1; ; attempt++) {
    const wait = firstWaitMs * 2 ** (attempt - 1);
    try {
      const { statusCode, headers, body } = await request(url, {
        headers: { authorization: `Bearer ${key}` },
        signal,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      const reply: ServiceReply = { status: statusCode, headers, body: await body.text() };
      if (attempt === tries || (statusCode !== 429 && statusCode < 500)) return reply;
      await sleep(retryAfterMs(headers, Date.now()) ?? wait, undefined, { signal });
    } catch (error) {
      if (signal.aborted) throw error;
      if (attempt === tries) throw transportError(error, service, false);
      await sleep(wait, undefined, { signal });
    }
  }
}
