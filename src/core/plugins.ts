import type { Approach } from './approach.ts';
import { inputError } from './errors.ts';
import type { Guard } from './guard.ts';
import type { Metric } from './metric.ts';
import type { Probe } from './probe.ts';
import type { Provider } from './provider.ts';
import type { Trainer } from './trainer.ts';

/** Every plug-in a program knows by name. Built in `index.ts`, passed down; nobody imports a list. */
export interface Plugins {
  readonly providers: readonly Provider[];
  readonly approaches: readonly Approach[];
  readonly metrics: readonly Metric[];
  readonly probes: readonly Probe[];
  readonly trainers: readonly Trainer[];
  readonly guards: readonly Guard[];
}

/** Finds a plug-in by id; throws a usage error that lists the ids there are. */
export function pluginById<T extends { readonly id: string }>(kind: string, plugins: readonly T[], id: string, file?: string): T {
  const found = plugins.find((plugin) => plugin.id === id);
  if (found !== undefined) return found;
  throw inputError({
    code: `unknown-${kind}`,
    message: `There is no ${kind} named ${JSON.stringify(id)}.`,
    hint: `Known are: ${plugins.map((plugin) => plugin.id).join(', ')}.`,
    place: file === undefined ? undefined : { file },
  });
}
