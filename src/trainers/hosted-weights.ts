import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inputError, messageOf, RungError } from '#core/errors.ts';
import { ModelError } from '#core/model-error.ts';
import type { TrainerSite, WeightsOrder } from '#core/trainer.ts';
import { writeFailure } from '#data/write-failure.ts';
import type { ServiceClock } from '#http/service-client.ts';
import { quotable } from '#http/service-error.ts';
import { unpackAdapter } from './adapter-archive.ts';
import { adapterFiles, mostBytesOf, weightsFile } from './adapter-folder.ts';
import { openCall } from './hosted-call.ts';
import { isGone } from './hosted-reply.ts';
import type { HostedAddress, HostedCall, HostedReport, HostedService, HostedWeights } from './hosted-service.ts';
import { readHostedSettings } from './hosted-settings.ts';
import { checkWholeWeights } from './whole-weights.ts';

/** Brings the adapter of a service's job here: see `Trainer.download`. Called again on the same folder it goes on where it was. */
export async function fetchWeights(service: HostedService, clock: ServiceClock, order: WeightsOrder, site: TrainerSite): Promise<string> {
  const { base, signal } = site;
  const settings = readHostedSettings(service, site);
  const call = openCall(service, { base, settings, signal, clock });
  const fetched = join(order.folder, 'fetched');
  try {
    await mkdir(fetched, { recursive: true });
    const report = await readSucceeded(service, call, order);
    const offered = await service.weights!(call, report);
    const archive = offered.find(({ name }) => name === undefined);
    const folder =
      archive === undefined
        ? await saveFiles(service, call, report, offered, fetched, order)
        : await saveArchive(service, call, archive.address, fetched, order);
    await checkWholeWeights(join(folder, weightsFile)).catch((error: unknown) => {
      throw new RungError({
        code: 'weights-unreadable',
        message: `${service.id} handed out an adapter, and ${messageOf(error)}.`,
        hint: 'Run the same command again: it is fetched anew. Where that does not help, ask the service.',
        cause: error,
      });
    });
    return folder;
  } catch (error) {
    await rm(unpackedIn(order), { recursive: true, force: true });
    if (signal.aborted) throw error;
    // what came is no adapter: the next attempt is to fetch it anew
    if (RungError.is(error) && error.code === 'weights-unreadable') await rm(fetched, { recursive: true, force: true });
    throw isGone(error) ? gone(service, order) : withWayOut(writeFailure(error, order.folder), call);
  } finally {
    await call.client.close();
  }
}

const unpackedIn = ({ folder }: WeightsOrder) => join(folder, 'adapter');

async function readSucceeded(service: HostedService, call: HostedCall, { handle, method }: WeightsOrder): Promise<HostedReport> {
  const report = await service.read(call, handle.job, { method });
  if (service.states[report.rawState] === 'succeeded') return report;
  throw inputError({
    code: 'job-not-succeeded',
    message: `${service.id} says that the job ${handle.job} is ${quotable(report.rawState, call.settings.key)}: it has no weights to hand out.`,
  });
}

async function saveArchive(
  service: HostedService,
  call: HostedCall,
  address: HostedAddress,
  fetched: string,
  order: WeightsOrder,
): Promise<string> {
  const file = join(fetched, 'archive');
  const into = unpackedIn(order);
  await call.save(async () => address, { file, mostBytes: mostBytesOf(weightsFile), onBytes: order.onBytes });
  await rm(into, { recursive: true, force: true });
  await mkdir(into);
  return unpackAdapter(file, { into, service: service.id, signal: call.signal });
}

async function saveFiles(
  service: HostedService,
  call: HostedCall,
  report: HostedReport,
  offered: readonly HostedWeights[],
  fetched: string,
  { onBytes }: WeightsOrder,
): Promise<string> {
  for (const name of adapterFiles) {
    let links: readonly HostedWeights[] | undefined = offered;
    const wanted = async () => {
      // links that were handed out a while ago may have expired
      const found = fileNamed(name, links ?? (await service.weights!(call, report)), service);
      links = undefined;
      return found.address;
    };
    await call.save(wanted, { file: join(fetched, name), mostBytes: mostBytesOf(name), onBytes });
  }
  return fetched;
}

/** The file of that name that lies nearest to the top. */
function fileNamed(wanted: string, offered: readonly HostedWeights[], { id }: HostedService): HostedWeights {
  const depth = ({ name = '' }: HostedWeights) => name.split('/').length;
  const [found] = offered.filter(({ name = '' }) => basename(name) === wanted).sort((one, other) => depth(one) - depth(other));
  if (found !== undefined) return found;
  const names = offered.slice(0, 8).map(({ name = '' }) => quotable(name, undefined));
  throw new RungError({
    code: 'weights-unreadable',
    message: `${id} hands out no ${wanted}; it has ${names.length === 0 ? 'no files' : names.join(', ')}.`,
    hint: 'What it tuned is not a LoRA adapter as PEFT writes it, or was not kept whole: ask the service.',
  });
}

function gone({ id }: HostedService, { handle }: WeightsOrder): RungError {
  return inputError({
    code: 'weights-gone',
    message: `${id} does not have the weights of the job ${handle.job} any more.`,
    hint: 'The job or its model was deleted there or has expired, or the key belongs to another account. The rows are kept here: tune them again, or with rung tune export elsewhere.',
  });
}

function withWayOut(error: unknown, { settings }: HostedCall): unknown {
  if (!ModelError.is(error)) return error;
  const { kind, message, status, retryable } = error;
  if (kind === 'unauthorised') {
    const hint = `Put a valid key into ${settings.keyVariable} and run the same command again.`;
    return new ModelError({ kind, message, status, hint });
  }
  return retryable
    ? new ModelError({ kind, message, status, hint: 'Run the same command again: it goes on where it was, where the service lets it.' })
    : error;
}
