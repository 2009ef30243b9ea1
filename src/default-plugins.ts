import { approaches } from '#approaches/index.ts';
import type { Plugins } from '#core/plugins.ts';
import { guards } from '#guards/index.ts';
import { metrics } from '#metrics/index.ts';
import { createNanoSource } from '#nano/nano-source.ts';
import { probes } from '#probes/index.ts';
import { createProviders } from '#providers/index.ts';
import { createTrainers } from '#trainers/index.ts';

/** What comes with Rung. `close` ends the embedded model's threads. */
export function defaultPlugins(): Plugins & { close(): Promise<void> } {
  const nano = createNanoSource();
  return {
    approaches,
    guards,
    metrics,
    probes,
    providers: createProviders(nano),
    trainers: createTrainers(nano),
    close: () => nano.close(),
  };
}
