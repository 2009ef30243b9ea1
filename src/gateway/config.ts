import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { inputError, messageOf } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { isMissing } from '#data/inside-folder.ts';
import { loadTask } from '#data/task-file.ts';

const name = z.string().min(1).max(120);
const settings = z.record(z.string(), z.json());

const upstreamSchema = z.strictObject({
  kind: z.enum(['vllm', 'llama.cpp']),
  /** As clients of that server have it, with /v1. */
  baseUrl: z.url({ protocol: /^https?$/ }),
  /** What that server calls its base model. */
  model: name,
  /** The base model's name for the trainer: `provider/model`, as a task would name it. Without one it is asked and not tuned. */
  base: name.optional(),
  apiKeyEnv: z.string().min(1).optional(),
  timeoutMs: z.number().int().positive().default(600_000),
});

const configSchema = z.strictObject({
  models: z.array(name).min(1).default(['nano']),
  providers: z.record(name, z.looseObject({ kind: z.string() })).default({}),
  trainers: z.record(name, settings).default({}),
  upstreams: z.record(name, upstreamSchema).default({}),
  organization: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default('rung'),
  jobsAtATime: z.number().int().min(1).max(16).default(1),
  waitingJobs: z.number().int().min(1).default(100),
  requestsAtATime: z.number().int().min(1).default(64),
  fileMegabytes: z.number().positive().default(512),
});

export type UpstreamSettings = z.infer<typeof upstreamSchema>;

/** What the server serves and tunes, and how much of it at a time. */
export interface ServeConfig {
  /** Models that are asked and tuned, as a task names them. */
  readonly models: readonly string[];
  readonly providers: Readonly<Record<string, { readonly kind: string; readonly settings: JsonObject }>>;
  readonly trainers: Readonly<Record<string, JsonObject>>;
  readonly upstreams: Readonly<Record<string, UpstreamSettings>>;
  readonly organization: string;
  readonly jobsAtATime: number;
  /** Most jobs that wait for their turn. */
  readonly waitingJobs: number;
  /** Most chat requests in work. */
  readonly requestsAtATime: number;
  readonly fileMegabytes: number;
  /** Folder against which relative paths in settings are read. */
  readonly folder: string;
}

/**
 * Reads the configuration: a YAML or JSON file, or a task folder, whose models, providers and trainers are then served.
 * Without one the embedded model alone. Throws a usage error that names what does not fit.
 */
export async function readServeConfig(
  path: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  workingFolder: string,
): Promise<ServeConfig> {
  if (path === undefined) return { ...withProviders(configSchema.parse({})), folder: workingFolder };
  const place = resolve(workingFolder, path);
  if (await isTask(place)) {
    const { models, providers, trainers, folder } = await loadTask(place, { environment });
    const names = [...new Set(Object.values(models).filter((model) => typeof model === 'string'))];
    return { ...withProviders(configSchema.parse({})), models: names, providers, trainers, folder };
  }
  const read = configSchema.safeParse(await readYaml(place));
  if (read.success) return { ...withProviders(read.data), folder: dirname(place) };
  const [issue] = read.error.issues;
  throw inputError({
    code: 'serve-config',
    message: `The configuration does not fit${issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`}: ${issue?.message ?? 'unknown fault'}.`,
    hint: 'See docs/serve.md, "The configuration".',
    place: { file: place },
  });
}

function withProviders({ providers, ...config }: z.infer<typeof configSchema>): Omit<ServeConfig, 'folder'> {
  const entries = Object.entries(providers).map(([entry, { kind, ...rest }]) => [entry, { kind, settings: rest as JsonObject }] as const);
  return { ...config, providers: Object.fromEntries(entries) };
}

async function isTask(place: string): Promise<boolean> {
  if (/(^|[/\\])task\.(ts|js|mjs|ya?ml)$/.test(place)) return true;
  return stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function readYaml(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8')) ?? {};
  } catch (cause) {
    throw inputError({
      code: 'serve-config',
      message: isMissing(cause)
        ? 'There is no such file.'
        : `The configuration cannot be read: ${messageOf(cause).split('\n')[0]?.replace(/[.:]$/, '')}.`,
      hint: 'Name a YAML or JSON file, or a task folder.',
      place: { file },
      cause,
    });
  }
}
