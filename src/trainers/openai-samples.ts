import { ModelError } from '#core/model-error.ts';
import type { TrainerSample } from '#core/trainer.ts';
import { textIn } from './hosted-reply.ts';
import type { HostedCall, HostedReport } from './hosted-service.ts';
import { readSamples, sampleFileName } from './sample-file.ts';

/**
 * Answers of the trainer's own library, where the server is one that leaves them beside its losses, as `rung serve` does.
 * Nothing is asked where there is one results file alone.
 */
export async function openaiSamples({ client, signal }: HostedCall, { raw }: HostedReport): Promise<readonly TrainerSample[] | undefined> {
  const files = Array.isArray(raw['result_files']) ? raw['result_files'].filter((file) => typeof file === 'string') : [];
  for (const file of files.slice(1)) {
    const path = `files/${encodeURIComponent(file)}`;
    try {
      if (textIn(await client.json({ path, signal }), 'filename') !== sampleFileName) continue;
      return readSamples(await client.text({ path: `${path}/content`, signal }));
    } catch (error) {
      // the model is there all the same
      if (!ModelError.is(error) || error.retryable) throw error;
    }
  }
  return undefined;
}
