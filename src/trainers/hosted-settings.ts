import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import type { BaseModel, TrainerSite } from '#core/trainer.ts';
import { readKey } from '#http/api-key.ts';
import type { HostedService, HostedSettings } from './hosted-service.ts';

const settingsSchema = z.strictObject({
  /** Address of the tuning API, where it is not the service's own or that of the base model's entry. */
  baseUrl: z.string().optional(),
  /** Variable that holds the key; null where the server wants none. */
  apiKeyEnv: z.string().min(1).nullable().optional(),
  timeoutMs: z.int().positive().max(3_600_000).optional(),
  accountId: z
    .string()
    .regex(/^[\w-]+$/)
    .optional(),
  /** Azure: for its addresses without /v1. */
  apiVersion: z
    .string()
    .regex(/^[\w.-]+$/)
    .optional(),
  grader: z.string().min(1).optional(),
  quietHours: z.number().positive().max(1000).optional(),
});

const timeoutMs = 120_000;

/** Entry name or provider id: the part of the name before the model. */
export function prefixOf({ name, model }: BaseModel): string {
  return model !== '' && name.endsWith(model) ? name.slice(0, name.length - model.length) : `${name.split('/')[0]}/`;
}

/**
 * True where a base is reached through that service: a provider of its kind, or an `openai-compatible` entry that is named after
 * it, has its host, or says `trainer:`.
 */
export function isServedBy(service: HostedService, { kind, name, settings }: BaseModel): boolean {
  const named = settings['trainer'];
  if (typeof named === 'string') return named === service.id;
  const host = hostOf(settings['baseUrl']);
  const isOwnHost = host !== undefined && service.host.test(host);
  if (kind === 'openai-compatible') return isOwnHost || name.startsWith(`${service.id}/`);
  return (
    kind === 'openai' && (isOwnHost || (service.kinds?.includes(kind) === true && !(host !== undefined && service.notHosts?.test(host))))
  );
}

function hostOf(url: unknown): string | undefined {
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).hostname : undefined;
}

/** What a job needs to reach its service. Throws usage errors that name the setting or variable, never its value. */
export function readHostedSettings(service: HostedService, site: Pick<TrainerSite, 'base' | 'settings' | 'environment'>): HostedSettings {
  const parsed = settingsSchema.safeParse(site.settings);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw inputError({
      code: 'trainer-settings',
      message: `The settings of the trainer ${service.id} do not fit${issue?.path.length ? ` at ${issue.path.join('.')}` : ''}: ${issue?.message ?? 'unknown fault'}.`,
      hint: 'Correct its entry under "trainers:" in the task file.',
    });
  }
  const settings = parsed.data;
  const url = addressOf(service, settings.baseUrl, site.base);
  if (settings.apiVersion !== undefined) url.searchParams.set('api-version', settings.apiVersion);
  const chosen = settings.apiKeyEnv !== undefined ? settings.apiKeyEnv : entryVariable(site.base);
  const keyVariable = chosen ?? service.keyVariable;
  const key =
    chosen === null ? undefined : readKey({ provider: service.id, variable: keyVariable, environment: site.environment, required: true });
  const { accountId, grader, quietHours } = settings;
  return {
    ...{ accountId, grader, quietHours, url, key, keyVariable },
    timeoutMs: settings.timeoutMs ?? timeoutMs,
    isVendor: service.host.test(url.hostname),
  };
}

function entryVariable({ settings }: BaseModel): string | null | undefined {
  const variable = settings['apiKeyEnv'];
  return typeof variable === 'string' || variable === null ? variable : undefined;
}

function addressOf(service: HostedService, given: string | undefined, base: BaseModel): URL {
  const entry = base.settings['baseUrl'];
  const text = given ?? (typeof entry === 'string' ? entry : service.baseUrl);
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') {
    return given === undefined && service.tuningUrl !== undefined ? service.tuningUrl(url) : url;
  }
  throw inputError({
    code: 'base-url',
    message: `The trainer ${service.id} ${text === undefined ? 'does not know where its service is' : 'was given an address that is not http or https without user name and password'}.`,
    hint: `Set baseUrl in the entry of the base model under "providers:", or under "trainers: { ${service.id}: … }", as in docs/training-hosted.md.`,
  });
}
