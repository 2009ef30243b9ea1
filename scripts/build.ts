// Builds dist/ for publishing: types stripped by Node itself, import specifiers from .ts to .js, declarations by tsc.
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const source = join(root, 'src');
const target = join(root, 'dist');

await rm(target, { recursive: true, force: true });
for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name);
  if (!entry.isFile() || /\.(test|fixture)\.ts$|\/references\//.test(file)) continue;
  const out = join(target, relative(source, file));
  await mkdir(dirname(out), { recursive: true });
  if (!file.endsWith('.ts')) await writeFile(out, await readFile(file));
  else
    await writeFile(
      out.replace(/\.ts$/, '.js'),
      toJavaScriptSpecifiers(stripTypeScriptTypes(await readFile(file, 'utf8'), { mode: 'strip' })),
    );
}

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const flags = [
  '--noEmit',
  'false',
  '--declaration',
  '--emitDeclarationOnly',
  '--rootDir',
  'src',
  '--outDir',
  'dist',
  '-p',
  'tsconfig.build.json',
];
execFileSync(process.execPath, [tsc, ...flags], { cwd: root, stdio: 'inherit' });
for (const entry of await readdir(target, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name);
  if (file.endsWith('.d.ts')) await writeFile(file, toJavaScriptSpecifiers(await readFile(file, 'utf8')));
}

const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
await writeFile(join(target, 'package.json'), `${JSON.stringify({ type: 'module', imports: { '#*': './*' }, dependencies }, null, 2)}\n`);

/** `from './x.ts'` and `import('#room/x.ts')` as they must read in dist/. */
function toJavaScriptSpecifiers(code: string): string {
  return code.replace(/((?:\bfrom|\bimport)\s*\(?\s*)'([.#][^']*)\.ts'/g, "$1'$2.js'");
}
