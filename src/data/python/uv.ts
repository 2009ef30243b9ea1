import { existsSync } from 'node:fs';

/** What a uv process is asked with: where the processor is all there is, a PyTorch without CUDA. */
interface UvWish {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The device that the task names; what this machine has decides where it is absent. */
  readonly device?: string | undefined;
  /** Whether this machine has an NVIDIA GPU; looked up where absent. */
  readonly hasGpu?: boolean;
}

// the builds for Linux on the Python package index come with CUDA, about 3 GB to fetch; these come to 0.2 GB
const torchForProcessor = 'https://download.pytorch.org/whl/cpu/torch/';
// who says where packages come from, a company's mirror perhaps, is not sent elsewhere
const says = /^UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|CONFIG_FILE)$/;
// a driver's devices: bare or in a container, under Windows' Linux, on a Jetson
const gpuDevices = ['/dev/nvidiactl', '/dev/nvidia0', '/dev/dxg', '/dev/nvhost-gpu'];

/** How uv runs a script with the packages that the script names. Offered a build of PyTorch with `+cpu` it takes that one. */
export function uvCommand(
  uv: string,
  { environment, device, hasGpu = gpuDevices.some(existsSync) }: UvWish,
): { command: string; before: string[] } {
  const isFree = !Object.entries(environment).some(([name, value]) => value && says.test(name));
  const onProcessor = device === undefined ? !hasGpu : device === 'cpu';
  const links = process.platform === 'linux' && isFree && onProcessor ? ['--find-links', torchForProcessor] : [];
  return { command: uv, before: ['run', '--no-progress', ...links, '--script'] };
}

const fetching = /^\s*Downloading (\S+) \(([\d.]+ ?[KMG]i?B)\)$/;
const fetched = /^\s*Downloaded (\S+)$/;
const installed = /^Installed (\d+) packages? in/;

/** Tells of an installation from what uv writes, line by line. */
export class InstallNews {
  readonly #sizes = new Map<string, string>();
  #done = 0;

  /** A sentence for whoever waits; undefined where the line says nothing of an installation. */
  take(line: string): string | undefined {
    const begun = fetching.exec(line);
    if (begun !== null) {
      this.#sizes.set(begun[1]!, begun[2]!);
      return this.#sizes.size === 1 ? 'uv fetches the Python packages that are needed, once.' : undefined;
    }
    const size = this.#sizes.get(fetched.exec(line)?.[1] ?? '');
    if (size !== undefined) {
      this.#done += 1;
      return `uv fetched ${fetched.exec(line)![1]} (${size}), ${this.#done} of the ${this.#sizes.size} larger packages.`;
    }
    const count = installed.exec(line)?.[1];
    return count === undefined || this.#sizes.size === 0 ? undefined : `uv installed ${count} packages.`;
  }
}

interface UvFault {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

const faults: readonly { readonly sign: RegExp; readonly fault: UvFault }[] = [
  {
    sign: /Failed to read `--find-links` URL/,
    fault: {
      code: 'uv-network',
      message: 'uv could not reach download.pytorch.org, which has the PyTorch for machines without a GPU.',
      hint: 'Connect and start again, or set UV_INDEX=https://pypi.org/simple to take the larger PyTorch from there.',
    },
  },
  {
    sign: /network was disabled|was not found in the cache/,
    fault: {
      code: 'uv-offline',
      message: 'uv is offline, and the Python packages that are needed were not fetched before.',
      hint: 'Start once with a network and without UV_OFFLINE; or give a Python that has torch, transformers and peft as RUNG_PYTHON.',
    },
  },
  {
    sign: /No space left on device/,
    fault: {
      code: 'uv-disk',
      message: 'The disk was full before the Python packages were installed.',
      hint: 'Make room (with CUDA they take about 6 GB), or set UV_CACHE_DIR to a folder on a larger disk.',
    },
  },
  {
    sign: /Failed to fetch|error sending request|dns error/,
    fault: {
      code: 'uv-network',
      message: 'uv could not fetch the Python packages that are needed.',
      hint: 'Connect and start again: what was fetched is kept. Behind a mirror, set UV_DEFAULT_INDEX to its address.',
    },
  },
  {
    sign: /No interpreter found|no wheels? with a matching Python|Wheels are available for/,
    fault: {
      code: 'uv-python',
      message:
        'uv found no Python, and no build of the packages, that fits this machine: Python 3.11 to 3.14 on Linux, Windows or macOS 14.',
      hint: 'Run "uv python install 3.13" and leave UV_PYTHON unset, or give a Python that has torch, transformers and peft as RUNG_PYTHON.',
    },
  },
];

/** What uv said when it started nothing, as a sentence and a way out; undefined where it is none of its usual troubles. */
export function uvFault({ before }: { readonly before: readonly string[] }, errors: string): UvFault | undefined {
  if (before.length === 0) return undefined;
  return faults.find(({ sign }) => sign.test(errors))?.fault;
}
