import type { BaseModel } from '#core/trainer.ts';
import { download } from '#http/download.ts';
import { downloadFile } from '#http/download-file.ts';
import { ServiceClient, type ServiceClock } from '#http/service-client.ts';
import type { HostedAddress, HostedCall, HostedService, HostedSettings } from './hosted-service.ts';

/** Longest file behind a signed link that is read, in bytes. */
const mostBytes = 64 * 1024 * 1024;

/** What a service is asked with: one client for a job, which knows the key. */
export function openCall(
  service: HostedService,
  { base, settings, signal, clock }: { base: BaseModel; settings: HostedSettings; signal: AbortSignal; clock: ServiceClock },
): HostedCall {
  const { key, keyVariable, url: baseUrl, timeoutMs } = settings;
  const identity = { name: service.id, key, keyVariable };
  const headers = service.headers?.(key) ?? (key === undefined ? {} : { authorization: `Bearer ${key}` });
  return {
    client: new ServiceClient({ identity, baseUrl, headers, timeoutMs, clock }),
    ...{ signal, settings, base },
    async download(address) {
      const pieces: Buffer[] = [];
      const onBytes = (chunk: Buffer) => void pieces.push(chunk);
      await download(address, { from: baseUrl, identity, signal, timeoutMs, now: clock.now(), mostBytes, onBytes });
      return Buffer.concat(pieces).toString('utf8');
    },
    save(wanted, to) {
      const source = async () => {
        const address = await wanted();
        return 'url' in address ? address : { url: pathUrl(address, baseUrl), headers };
      };
      return downloadFile({ ...to, source, from: baseUrl, identity, signal, timeoutMs, clock });
    },
  };
}

function pathUrl({ path, query }: Extract<HostedAddress, { path: string }>, baseUrl: URL): string {
  const url = new URL(baseUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}
