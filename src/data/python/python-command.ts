import { access, constants } from 'node:fs/promises';
import { basename, delimiter, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inputError } from '#core/errors.ts';
import { uvCommand } from './uv.ts';

/** How a Python script is started: `[command, ...before, script, …]`. */
export interface PythonCommand {
  readonly command: string;
  /** What stands before the script. */
  readonly before: readonly string[];
}

export interface PythonWish {
  /** As a task names it: inside the task folder, absolute, or a name on the path such as `python3.12`. */
  readonly setting: string | undefined;
  /** Where in the task it is named, for messages. */
  readonly entry: string;
  readonly taskFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The device that the task names: what uv installs is for that one. */
  readonly device?: string | undefined;
}

// trainer/ lies beside src/ and dist/
const trainerFolder = fileURLToPath(new URL('../../../trainer', import.meta.url));

/** Path of a script of the folder trainer/. */
export function pythonScript(name: string): string {
  return join(trainerFolder, name);
}

const interpreterName = /^python(\d+(\.\d+)*)?(\.exe)?$/;
const wayOut =
  'Install uv (docs.astral.sh/uv), which fetches what is needed, or give a Python that has torch, transformers and peft: "python" in the task, or the variable RUNG_PYTHON.';

/**
 * The Python to use: the one that the task names, else $RUNG_PYTHON, else `uv` where it is on the path, which installs what
 * a script names, else `python3`. Throws a usage error where there is none, or where the name is not that of a Python.
 */
export async function findPython({ setting, entry, taskFolder, environment, device }: PythonWish): Promise<PythonCommand> {
  const named = setting ?? (environment['RUNG_PYTHON'] || undefined);
  if (named !== undefined) {
    const path = setting === undefined ? named : pathOf(setting, entry, taskFolder);
    // whoever starts it may be in another folder
    const command = path.includes(sep) ? await executable(resolve(path)) : await onPath(path, environment);
    if (command !== undefined) return { command, before: [] };
    throw inputError({ code: 'no-python', message: `There is no Python at ${JSON.stringify(named)}.`, hint: wayOut });
  }
  const uv = await onPath('uv', environment);
  if (uv !== undefined) return uvCommand(uv, { environment, device });
  const python = await onPath('python3', environment);
  if (python !== undefined) return { command: python, before: [] };
  throw inputError({ code: 'no-python', message: 'Neither uv nor Python is on this machine.', hint: wayOut });
}

function pathOf(setting: string, entry: string, taskFolder: string): string {
  const wrong = (message: string) => inputError({ code: 'python-setting', message: `${entry}: ${message}`, hint: wayOut });
  // a task file may come from elsewhere: it names a Python, and nothing else that could be run
  if (!interpreterName.test(basename(setting))) throw wrong(`${JSON.stringify(setting)} is not the name of a Python.`);
  if (isAbsolute(setting) || !/[\\/]/.test(setting)) return setting;
  const path = resolve(taskFolder, setting);
  // not by its real path: the Python of a virtual environment is a link that leads out
  if (relative(taskFolder, path).startsWith('..')) throw wrong(`the path ${JSON.stringify(setting)} leads out of the task folder.`);
  return path;
}

async function onPath(name: string, environment: PythonWish['environment']): Promise<string | undefined> {
  for (const folder of (environment['PATH'] ?? '').split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const found = await executable(join(folder, process.platform === 'win32' ? `${name}.exe` : name));
    if (found !== undefined) return found;
  }
  return undefined;
}

async function executable(path: string): Promise<string | undefined> {
  return access(path, constants.X_OK).then(
    () => path,
    () => undefined,
  );
}

/** What a Python may see of the environment: paths, caches, devices and proxies; of keys only the model hub's. */
const passed =
  /^(PATH|HOME|USER|LANG|LC_\w+|TMPDIR|TEMP|TMP|SYSTEMROOT|USERPROFILE|LOCALAPPDATA|APPDATA|XDG_\w+|HF_\w+|HUGGING_FACE_HUB_TOKEN|TRANSFORMERS_\w+|TOKENIZERS_PARALLELISM|TORCH_\w+|PYTORCH_\w+|CUDA_\w+|NVIDIA_\w+|LD_LIBRARY_PATH|OMP_\w+|MKL_\w+|UV_\w+|SSL_CERT_FILE|REQUESTS_CA_BUNDLE|https?_proxy|no_proxy|all_proxy)$/i;

export function pythonEnvironment(environment: PythonWish['environment']): Record<string, string> {
  const kept = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined && passed.test(entry[0]));
  // a dead cache folder beside the scripts would be in the way of a read-only installation
  return { ...Object.fromEntries(kept), PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' };
}
