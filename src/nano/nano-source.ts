import { fileURLToPath } from 'node:url';
import { inputError, RungError } from '#core/errors.ts';
import { type Nano, openNano } from './nano.ts';

/** Opens each model folder once for everybody who needs it, since its worker threads are dear. */
export interface NanoSource {
  /** The model in that folder, of which a fault is a usage error; without one, the model that comes with Rung. */
  open(folder?: string): Promise<Nano>;
  /** Ends the worker threads of every model that was opened. */
  close(): Promise<void>;
}

/** Folder of the model that comes with Rung; models/ lies beside src/ and dist/. */
export const shippedFolder = fileURLToPath(new URL('../../models/nano', import.meta.url));

export function createNanoSource(): NanoSource {
  const opened = new Map<string, Promise<Nano>>();
  return {
    open(named) {
      const folder = named ?? shippedFolder;
      let nano = opened.get(folder);
      if (nano === undefined) {
        nano = named === undefined ? openNano({ folder }) : openNano({ folder }).catch(refused);
        opened.set(folder, nano);
        nano.catch(() => opened.delete(folder));
      }
      return nano;
    },
    async close() {
      const all = await Promise.allSettled(opened.values());
      opened.clear();
      for (const nano of all) if (nano.status === 'fulfilled') await nano.value.close();
    },
  };
}

function refused(error: unknown): never {
  if (!RungError.is(error)) throw error;
  const { code, message, hint, place } = error;
  throw inputError({ code, message, hint, place, cause: error });
}
