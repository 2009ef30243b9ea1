import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { inputError } from '#core/errors.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import { ModelError } from '#core/model-error.ts';
import { type PythonCommand, pythonEnvironment, pythonScript } from '#data/python/python-command.ts';
import { InstallNews, uvFault } from '#data/python/uv.ts';

export interface ServerOptions {
  readonly python: PythonCommand;
  /** What serve.py is told: base, device, data type. */
  readonly served: JsonObject;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told what is waited for while it starts. */
  note?(message: string): void;
}

/** Where a server that runs can be asked. */
export interface ServerAddress {
  readonly baseUrl: URL;
  readonly key: string;
}

/** A Python process that answers for one base model and all adapters on it; started when it is first needed. */
export class TransformersServer {
  readonly #options: ServerOptions;
  #started: { child: ChildProcess; address: Promise<ServerAddress> } | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** Throws a usage error where the model cannot be served, and a ModelError where the process ended. */
  address(): Promise<ServerAddress> {
    this.#started ??= this.#start();
    return this.#started.address;
  }

  close(): void {
    const child = this.#started?.child;
    this.#started = undefined;
    // it ends with its standard input, also where this process is killed
    child?.stdin?.end();
  }

  #start(): { child: ChildProcess; address: Promise<ServerAddress> } {
    const { python, served, environment } = this.#options;
    const key = randomUUID();
    const child = spawn(python.command, [...python.before, pythonScript('serve.py'), JSON.stringify(served)], {
      env: { ...pythonEnvironment(environment), RUNG_SERVE_KEY: key },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const started = { child, address: this.#addressOf(child, key) };
    // a process that ended is started again by the next request
    child.once('exit', () => {
      if (this.#started === started) this.#started = undefined;
    });
    // only now: while it starts, somebody waits for it
    started.address.then(
      () => {
        child.unref();
        for (const stream of [child.stdin, child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
      },
      () => {},
    );
    return started;
  }

  #addressOf(child: ChildProcess, key: string): Promise<ServerAddress> {
    const { python, note } = this.#options;
    const news = new InstallNews();
    let lastWords = '';
    createInterface({ input: child.stderr! }).on('line', (line) => {
      lastWords = `${lastWords}${line}\n`.slice(-2_000);
      const told = news.take(line);
      if (told !== undefined) note?.(told);
    });
    child.stdin?.on('error', () => {});
    const address = new Promise<ServerAddress>((resolve, reject) => {
      createInterface({ input: child.stdout! }).on('line', (line) => {
        const said = parse(line);
        if (said['type'] === 'ready') resolve({ baseUrl: new URL(`http://127.0.0.1:${Number(said['port'])}/v1`), key });
        else if (said['type'] === 'message') note?.(String(said['message']));
        else if (said['type'] === 'end') reject(refusal(said));
      });
      const ended = (why: string) => {
        const uv = uvFault(python, lastWords);
        if (uv !== undefined) return inputError(uv);
        return new ModelError({
          kind: 'rejected',
          message: `The Python process that serves the model ${why}${lastLine(lastWords)}`,
          hint: 'Give a Python that has torch, transformers and peft: "python" in the entry under "providers:", or the variable RUNG_PYTHON.',
        });
      };
      child.once('error', (error) => reject(ended(`could not be started: ${error.message}`)));
      child.once('close', () => reject(ended('ended')));
    });
    address.catch(() => {});
    return address;
  }
}

function parse(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

function refusal({ code, error, hint }: Record<string, unknown>): Error {
  return inputError({ code: `transformers-${code ?? 'failed'}`, message: String(error), hint: String(hint ?? 'Name another model.') });
}

function lastLine(words: string): string {
  const line = words.trim().split('\n').at(-1) ?? '';
  return line === '' ? '.' : `: ${line.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 300)}`;
}
