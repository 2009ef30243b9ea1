import { posix, win32 } from 'node:path';
import { isJsonObject } from '#core/json.ts';
import type { Upstream } from './upstream.ts';
import type { UpstreamTarget } from './upstream-answerer.ts';
import { WireError } from './wire-error.ts';

/** An adapter of a tuned model, as a model server is to answer with it. */
interface ServedAdapter {
  /** The tuned model's name. */
  readonly name: string;
  /** PEFT folder. */
  readonly folder: string;
}

/** How each kind of model server answers with its base (no adapter) and with an adapter of it. */
export type UpstreamKind = (upstream: Upstream, adapter: ServedAdapter | undefined) => UpstreamTarget;

/** vLLM loads an adapter while it runs and then knows it as a model (docs.vllm.ai, "LoRA adapters", "Using API endpoints"). */
const vllm: UpstreamKind = (upstream, adapter) => {
  if (adapter === undefined) return { fields: async () => ({ model: upstream.settings.model }) };
  let loaded: Promise<void> | undefined;
  const load = async (signal: AbortSignal): Promise<void> => {
    const { status, text } = await upstream.ask('load_lora_adapter', { lora_name: adapter.name, lora_path: adapter.folder }, signal);
    if (status === 200 || (status === 400 && /already/i.test(text))) return;
    if (status === 404 || status === 405) {
      throw new WireError(
        503,
        'The vLLM server takes no adapters while it runs. Start it with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True in its environment.',
        { code: 'adapter_not_loaded' },
      );
    }
    throw upstream.refusal(status, text);
  };
  return {
    async fields(signal, again) {
      if (again) loaded = undefined;
      if (loaded === undefined) {
        loaded = load(signal);
        loaded.catch(() => {
          loaded = undefined;
        });
      }
      await loaded;
      return { model: adapter.name };
    },
  };
};

/** llama.cpp is started with its adapters and scales them in each request (its server's README, "/lora-adapters"). */
const llamaCpp: UpstreamKind = (upstream, adapter) => ({
  async fields(signal) {
    // an empty list switches off every adapter that the server was started with
    if (adapter === undefined) return { model: upstream.settings.model, lora: [] };
    const { status, text } = await upstream.ask('/lora-adapters', undefined, signal);
    if (status !== 200) throw upstream.refusal(status, text);
    const file = `${ggufName(adapter.name)}.gguf`;
    const id = adapterId(text, file);
    if (id !== undefined) return { model: upstream.settings.model, lora: [{ id, scale: 1 }] };
    throw new WireError(
      503,
      `The llama.cpp server was not started with the adapter of ${adapter.name}. Convert ${adapter.folder} to ${file} with convert_lora_to_gguf.py and start llama-server with --lora ${file} --lora-init-without-apply.`,
      { code: 'adapter_not_loaded' },
    );
  },
});

/** The file name that an adapter is looked for under, without its ending: the tuned model's name with dashes. */
function ggufName(model: string): string {
  return model.replace(/[^A-Za-z0-9.]+/g, '-');
}

function adapterId(text: string, file: string): number | undefined {
  let adapters: unknown;
  try {
    adapters = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(adapters)) return undefined;
  for (const adapter of adapters) {
    if (!isJsonObject(adapter) || typeof adapter['path'] !== 'string' || typeof adapter['id'] !== 'number') continue;
    if (posix.basename(win32.basename(adapter['path'])) === file) return adapter['id'];
  }
  return undefined;
}

/** By the word in the configuration. */
export const upstreamKinds: Readonly<Record<'vllm' | 'llama.cpp', UpstreamKind>> = { vllm, 'llama.cpp': llamaCpp };
