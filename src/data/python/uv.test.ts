import { expect, test } from 'vitest';
import { InstallNews, uvCommand, uvFault } from './uv.ts';

const linux = test.runIf(process.platform === 'linux');
const linksOf = (wish: Parameters<typeof uvCommand>[1]) => uvCommand('/bin/uv', wish).before.includes('--find-links');

test('a script is run with the packages that it names', () => {
  const { command, before } = uvCommand('/bin/uv', { environment: {}, hasGpu: true });
  expect([command, ...before]).toEqual(['/bin/uv', 'run', '--no-progress', '--script']);
});

linux('without a GPU, or where the task says cpu, PyTorch comes without CUDA', () => {
  expect(linksOf({ environment: {}, hasGpu: false })).toBe(true);
  expect(linksOf({ environment: {}, hasGpu: true, device: 'cpu' })).toBe(true);
  expect(linksOf({ environment: {}, hasGpu: false, device: 'cuda' })).toBe(false);
  expect(uvCommand('/bin/uv', { environment: {}, hasGpu: false }).before.at(-1)).toBe('--script');
});

test('whoever says where packages come from is not sent elsewhere', () => {
  for (const name of ['UV_DEFAULT_INDEX', 'UV_INDEX', 'UV_FIND_LINKS', 'UV_EXTRA_INDEX_URL']) {
    expect(linksOf({ environment: { [name]: 'https://mirror.example' }, hasGpu: false })).toBe(false);
  }
});

test('an installation is told package by package', () => {
  const news = new InstallNews();
  // as uv 0.13.9 writes it where its error output is no terminal
  const lines = [
    'Downloading torch (514.2MiB)',
    'Downloading numpy (16.1MiB)',
    ' Downloaded numpy',
    'some warning of a library',
    ' Downloaded torch',
    'Installed 61 packages in 6.50s',
  ];
  expect(lines.map((line) => news.take(line))).toEqual([
    'uv fetches the Python packages that are needed, once.',
    undefined,
    'uv fetched numpy (16.1MiB), 1 of the 2 larger packages.',
    undefined,
    'uv fetched torch (514.2MiB), 2 of the 2 larger packages.',
    'uv installed 61 packages.',
  ]);
  expect(new InstallNews().take('Installed 61 packages in 931ms')).toBeUndefined();
});

const uv = { before: ['run', '--script'] };
test.each([
  ['error: Failed to read `--find-links` URL: https://download.pytorch.org/whl/cpu/torch/\n  cause: dns error', 'uv-network', /UV_INDEX/],
  ['error: Request failed after 3 retries in 6.5s\n  cause: Failed to fetch: http://127.0.0.1:9/simple/torch/', 'uv-network', /mirror/],
  [
    'error: No solution found when resolving script dependencies\n  cause: Because torch was not found in the cache and you require torch==2.15.0, …\n\nhint: Packages were unavailable because the network was disabled.',
    'uv-offline',
    /without UV_OFFLINE/,
  ],
  ['error: No interpreter found for Python >=3.17 in virtual environments, managed installations, or search path', 'uv-python', /3\.13/],
  ['hint: Wheels are available for `torch` (v2.15.0) on the following platforms: `macosx_14_0_arm64`', 'uv-python', /RUNG_PYTHON/],
  ['error: failed to write: No space left on device (os error 28)', 'uv-disk', /UV_CACHE_DIR/],
])('%j is said in a sentence with a way out', (errors, code, hint) => {
  const fault = uvFault(uv, errors);
  expect(fault).toMatchObject({ code, message: expect.stringMatching(/^uv|^The disk/), hint: expect.stringMatching(hint) });
  expect(uvFault({ before: [] }, errors)).toBeUndefined();
});

test('what it does not know stays as it was said', () => {
  expect(uvFault(uv, 'Traceback (most recent call last):')).toBeUndefined();
});
