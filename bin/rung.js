#!/usr/bin/env node
// Plain JavaScript for old Nodes: finds the Node that Rung needs, then runs the command line on it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const neededMajor = 24;
const home = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(home, 'src', 'cli', 'main.ts');
const main = existsSync(source) ? source : join(home, 'dist', 'cli', 'main.js');

if (Number(process.versions.node.split('.')[0]) >= neededMajor) {
  await import(pathToFileURL(main).href);
} else {
  const node = localNode();
  if (node === undefined) {
    console.error(
      `Rung needs Node ${neededMajor} or newer; this is ${process.version}. Run "npm install" in ${home}: it brings one along.`,
    );
    process.exit(1);
  }
  // The channel tells the child when this process dies, so that a killed command leaves nothing running behind.
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function localNode() {
  try {
    const manifest = createRequire(join(home, 'package.json')).resolve('node/package.json');
    const binary = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}
