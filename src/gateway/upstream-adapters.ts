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
      throw notLoaded(
        'The vLLM server takes no adapters while it runs. Start it with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True in its environment.',
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

/**
 * What llama.cpp keeps of earlier prompts it finds by their tokens alone: a prompt that was read under another adapter, or none,
 * would be taken for this one's, and answers would be a mixture (found with its server of llama-cpp-python 0.3.36).
 */
const ownCache = { cache_prompt: false };

/** llama.cpp is started with its adapters and scales them in each request (its server's README, "/lora-adapters"). */
const llamaCpp: UpstreamKind = (upstream, adapter) => ({
  async fields(signal) {
    const { model } = upstream.settings;
    const { status, text } = await upstream.ask('/lora-adapters', undefined, signal);
    // a server in front of it, or an older one, may know no adapters
    if (adapter === undefined && (status === 404 || status === 405 || status === 501)) return { model };
    if (status !== 200) throw upstream.refusal(status, text);
    const adapters = adaptersIn(text);
    // whatever is named puts all others to 0; an empty list would leave them at the scales that the server was started with
    if (adapter === undefined)
      return adapters.length === 0 ? { model } : { model, ...ownCache, lora: adapters.map(({ id }) => ({ id, scale: 0 })) };
    const file = `${ggufName(adapter.name)}.gguf`;
    const found = adapters.find(({ path }) => posix.basename(win32.basename(path)) === file);
    if (found !== undefined) return { model, ...ownCache, lora: [{ id: found.id, scale: 1 }] };
    throw notLoaded(
      `Start llama-server with --lora ${file} --lora-init-without-apply: it has no adapter of ${adapter.name}. Convert ${adapter.folder} to ${file} with convert_lora_to_gguf.py.`,
    );
  },
});

/** Somebody has to do something first: a status that clients take for passing would be asked again and again. */
function notLoaded(message: string): WireError {
  return new WireError(424, message, { code: 'adapter_not_loaded' });
}

/** The file name that an adapter is looked for under, without its ending: the tuned model's name with dashes. */
function ggufName(model: string): string {
  return model.replace(/[^A-Za-z0-9.]+/g, '-');
}

/** The adapters that a llama.cpp server lists; none where the reply is no list. */
function adaptersIn(text: string): readonly { readonly id: number; readonly path: string }[] {
  let adapters: unknown;
  try {
    adapters = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(adapters)) return [];
  return adapters.flatMap((adapter: unknown) => {
    if (!isJsonObject(adapter)) return [];
    const { id, path } = adapter;
    return typeof id === 'number' && typeof path === 'string' ? [{ id, path }] : [];
  });
}

/** By the word in the configuration. */
export const upstreamKinds: Readonly<Record<'vllm' | 'llama.cpp', UpstreamKind>> = { vllm, 'llama.cpp': llamaCpp };
