// npm run bench -- NAME: runs bench/NAME.ts; without a name, lists what there is.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const names = (await readdir(import.meta.dirname))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''))
  .sort();
const [name, ...rest] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  console.error(`npm run bench -- NAME, where NAME is one of: ${names.join(', ')}`);
  process.exitCode = name === undefined ? 0 : 2;
} else {
  const bench = (await import(pathToFileURL(join(import.meta.dirname, `${name}.bench.ts`)).href)) as {
    run(args: readonly string[]): Promise<void>;
  };
  await bench.run(rest);
}
