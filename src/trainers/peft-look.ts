import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inputError } from '#core/errors.ts';
import type { TrainerSite, TrainingJob } from '#core/trainer.ts';
import { TrainingRowError } from '#core/training-row-error.ts';
import { pythonEnvironment } from '#data/python/python-command.ts';
import { InstallNews, uvFault } from '#data/python/uv.ts';
import { type PeftJob, peftJob } from './peft-job.ts';
import { type PeftChecked, type PeftLine, parseLine } from './peft-output.ts';
import type { PeftProgram } from './peft-process.ts';

/** From the program's first word on. Before it uv may install, which takes as long as the network takes. */
const longestLookMs = 15 * 60_000;
const mostErrorText = 8_000;

/** Has the program look at the job without loading weights. Throws what is in the way as a usage error. */
export async function look(job: TrainingJob, site: TrainerSite, program: PeftProgram): Promise<PeftChecked> {
  const made = await peftJob(job, site);
  const folder = await mkdtemp(join(tmpdir(), 'rung-peft-'));
  try {
    await writeLook(folder, made);
    const { lines, errors } = await runCheck(folder, program, site);
    const checked = lines.find((line) => line.type === 'checked');
    if (checked !== undefined) return checked;
    throw faultOf(
      lines.find((line) => line.type === 'end'),
      errors,
      program,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function faultOf(end: Extract<PeftLine, { type: 'end' }> | undefined, errors: string, { python }: PeftProgram): Error {
  const uv = end === undefined ? uvFault(python, errors) : undefined;
  if (uv !== undefined) return inputError(uv);
  const code = `peft-${end?.code ?? 'check'}`;
  if (end?.row !== undefined) return new TrainingRowError({ code, row: end.row, fault: end.row.fault, hint: end.hint ?? 'Drop the row.' });
  const said = errors.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  return inputError({
    code,
    message: end?.error ?? `${python.command} could not look at the job${said === '' ? '.' : `: ${said}`}`,
    hint: end?.hint ?? 'Give another Python that has torch, transformers and peft: trainers.peft.python, or the variable RUNG_PYTHON.',
  });
}

async function writeLook(folder: string, job: PeftJob): Promise<void> {
  const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  await writeFile(join(folder, 'train.jsonl'), lines(job.train));
  await writeFile(join(folder, 'validation.jsonl'), lines(job.validation));
  await writeFile(join(folder, 'job.json'), JSON.stringify(job.json));
}

function runCheck(
  folder: string,
  { python, script, environment }: PeftProgram,
  { signal, note }: TrainerSite,
): Promise<{ lines: PeftLine[]; errors: string }> {
  const lines: PeftLine[] = [];
  const news = new InstallNews();
  let errors = '';
  return new Promise((resolve, reject) => {
    const child = spawn(python.command, [...python.before, script, join(folder, 'job.json'), '--check'], {
      cwd: folder,
      env: pythonEnvironment(environment),
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let deadline: NodeJS.Timeout | undefined;
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = parseLine(text);
      if (line === undefined) return;
      deadline ??= setTimeout(() => child.kill('SIGKILL'), longestLookMs);
      if (line.type === 'message') note?.(line.message);
      else lines.push(line);
    });
    createInterface({ input: child.stderr }).on('line', (text) => {
      errors = `${errors}${text}\n`.slice(-mostErrorText);
      const told = news.take(text);
      if (told !== undefined) note?.(told);
    });
    child.once('error', (error) => {
      errors = `${errors}${error.message}\n`;
    });
    child.once('close', () => {
      clearTimeout(deadline);
      if (signal.aborted) reject(signal.reason);
      else resolve({ lines, errors });
    });
  });
}
