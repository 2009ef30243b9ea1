import { readFileSync } from 'node:fs';

// src/ and dist/ lie beside each other, so one path serves both
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

/** What a verdict was made with. */
export const versions = { rung: manifest.version, node: process.versions.node };
