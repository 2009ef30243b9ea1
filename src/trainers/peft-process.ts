import { spawn } from 'node:child_process';
import { appendFile, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PythonCommand, pythonEnvironment } from '#data/python/python-command.ts';

export interface PeftProgram {
  readonly python: PythonCommand;
  /** Path of tune.py. */
  readonly script: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const pollMs = 50;

/** The process of one job: it has a group of its own and lives on when whoever started it ends. */
export class PeftProcess {
  readonly #folder: string;
  readonly #children = new Map<number, 'running' | 'exited'>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  get #jobFile(): string {
    return join(this.#folder, 'job.json');
  }

  get outputFile(): string {
    return join(this.#folder, 'output.jsonl');
  }

  get errorFile(): string {
    return join(this.#folder, 'errors.txt');
  }

  async start({ python, script, environment }: PeftProgram): Promise<void> {
    // a line that a killed process left unfinished must not swallow the next
    await appendFile(this.outputFile, `\n${JSON.stringify({ type: 'spawned' })}\n`);
    const output = await open(this.outputFile, 'a');
    const errors = await open(this.errorFile, 'w');
    try {
      const child = spawn(python.command, [...python.before, script, this.#jobFile], {
        cwd: this.#folder,
        env: pythonEnvironment(environment),
        detached: true,
        stdio: ['ignore', output.fd, errors.fd],
      });
      const pid = await new Promise<number>((resolve, reject) => {
        child.once('error', reject);
        child.once('spawn', () => resolve(child.pid as number));
      });
      this.#children.set(pid, 'running');
      child.once('exit', () => this.#children.set(pid, 'exited'));
      child.unref();
      await writeFile(join(this.#folder, 'group.pid'), String(pid));
    } finally {
      await Promise.all([output.close(), errors.close()]);
    }
  }

  /** True while the process that was started here, by this watcher or an earlier one, is at work. */
  async isAlive(): Promise<boolean> {
    for (const name of ['group.pid', 'process.pid']) {
      const pid = await this.#pid(name);
      if (pid === undefined || this.#children.get(pid) === 'exited') continue;
      if (this.#children.has(pid) || (await isOurs(pid, this.#folder))) return true;
    }
    return false;
  }

  /** Asks it to write a checkpoint and end; after `graceMs` it is ended. */
  async end(graceMs: number): Promise<void> {
    const until = performance.now() + graceMs;
    await this.#signal('SIGTERM');
    while ((await this.isAlive()) && performance.now() < until) await sleep(pollMs);
    await this.#signal('SIGKILL');
    while (await this.isAlive()) await sleep(pollMs);
  }

  async #signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (!(await this.isAlive())) return;
    const group = await this.#pid('group.pid');
    const own = await this.#pid('process.pid');
    // the group, since uv starts the Python that does the work
    for (const pid of process.platform === 'win32' ? [group, own] : [group && -group]) {
      if (pid === undefined) continue;
      try {
        process.kill(pid, signal);
      } catch {
        // it has just ended
      }
    }
  }

  async #pid(name: string): Promise<number | undefined> {
    const pid = Number(await readFile(join(this.#folder, name), 'utf8').catch(() => ''));
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  }
}

/** True where that process is at work and was started for this folder: a number is given again to other processes. */
async function isOurs(pid: number, folder: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (command !== '') return command.includes(folder);
  // one that has ended and that nobody has collected, or one that is just being started
  const state = (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')).split(') ').at(-1)?.[0];
  return state !== undefined && !'ZXx'.includes(state);
}
