import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rung } from '../../test/command-line.fixture.ts';
import { jsonLines, taskFolder } from '../../test/task-folder.fixture.ts';

const rows = Array.from({ length: 40 }, (_, index) => ({
  id: `r${index}`,
  input: `message ${index} about ${index % 2 === 0 ? 'a bill' : 'a parcel'}`,
  expected: index % 2 === 0 ? 'billing' : 'shipping',
}));

async function folderWith(more: Record<string, string> = {}, ladder = '[zero-shot]', model = 'fake/one'): Promise<string> {
  const folder = await taskFolder({
    'task.yaml': `name: tiny
instructions: Say which team it is for.
output: { labels: [billing, shipping] }
examples: examples.jsonl
models: { base: ${model} }
providers: { one: { kind: fake, otherwise: billing } }
ladder: ${ladder}
`,
    'examples.jsonl': jsonLines(rows),
  });
  for (const [name, content] of Object.entries(more)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

const version = (body: string) => `---\nschema: rung.prompt/1\n---\n\n${body}`;
const json = async (...args: string[]) => {
  const { code, stdout } = await rung([...args, '--json']);
  return { code, document: JSON.parse(stdout) };
};

describe('rung prompt', () => {
  it('makes a version from a template, shows it and refuses to write over it', async () => {
    const folder = await folderWith();
    expect((await rung(['prompt', 'new', 'v1', folder])).stdout).toContain('prompts/v1.md from the template classify');
    const again = await rung(['prompt', 'new', 'v1', folder]);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('There is already a version v1')]);
    const { document } = await json('prompt', 'show', 'v1', folder, '--row', 'r3');
    expect(document.messages[0].content).toContain('# Format\nAnswer with one of: billing, shipping.');
    expect(document.messages[1]).toEqual({ role: 'user', content: 'message 3 about a parcel' });
    expect(document).toMatchObject({ example: 'r3', estimated: true, template: { estimated: true } });
    expect(document.total).toBeGreaterThan(document.template.tokens);
    expect((await rung(['prompt', 'show', 'v1', folder])).stdout).toMatch(/total +about \d+ +100 %/);
  });

  it('counts with the tokenizer and the template of the model', async () => {
    const folder = await folderWith({ 'prompts/v1.md': version('# Task\n{{instructions}}\n') }, '[zero-shot]', 'nano');
    const { document } = await json('prompt', 'show', 'v1', folder);
    expect(document).toMatchObject({ estimated: false, template: { estimated: false }, contextLength: 1024 });
    const parts = document.parts.reduce((sum: number, { tokens }: { tokens: number }) => sum + tokens, 0);
    expect(document.total).toBe(parts + document.template.tokens);
    expect(document.template.tokens).toBeGreaterThan(0);
  });

  it.each(['../v1', '.hidden', 'a/b', 'README'])('does not take %j as a name', async (name) => {
    expect((await rung(['prompt', 'new', name, await folderWith()])).code).toBe(2);
  });

  it('refuses a template that the output has nothing for', async () => {
    const { code, stderr } = await rung(['prompt', 'new', 'v1', await folderWith(), '--template', 'extract']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('For this task take classify.')]);
  });

  it('says what changed, word by word', async () => {
    const folder = await folderWith({
      'prompts/a.md': version('# Task\nSort the message.\n\n# Tone\nKind.\n'),
      'prompts/b.md': version('# Task\nSort each message.\n\n# Format\n{{labels}}\n'),
    });
    const { stdout } = await rung(['prompt', 'diff', 'a', 'b', folder]);
    expect(stdout).toBe(
      '# Task  changed\nSort [-the-]{+each+} message.\n\n# Tone  removed\n[-Kind.-]\n\n# Format  added\n{+{{labels}}+}\n\n',
    );
    expect((await json('prompt', 'diff', 'a', 'a', folder)).document).toMatchObject({ same: true });
  });

  it('finds slots that cannot be filled and overlays that contradict, with their places', async () => {
    const folder = await folderWith({
      'prompts/a.md': version('# Task\n{{schema}}\n'),
      'overlays/loud.md': '---\nschema: rung.overlay/1\n---\n# Rules\nAnswer with JSON: {"a": 1}\n',
    });
    const { code, document } = await json('prompt', 'check', folder);
    expect(code).toBe(2);
    expect(document.findings).toEqual([
      expect.objectContaining({ severity: 'error', code: 'slot-unfilled', places: [{ file: join(folder, 'prompts/a.md') }] }),
      expect.objectContaining({ severity: 'warning', code: 'form-twice' }),
    ]);
    const slot = await folderWith({ 'prompts/a.md': version('# Task\n{{lables}}\n') });
    const broken = await rung(['climb', slot, '--dry-run'], { workingFolder: slot });
    expect(broken.stderr).toContain('prompts/a.md:6: There is no slot "{{lables}}". Did you mean "labels"?');
  });

  it('exports a prompt that another task imports and measures, with the score in its file', async () => {
    const first = await folderWith({}, '[structured, { rung: few-shot, selection: nearest, shots: 4 }]');
    const file = join(first, 'winner.md');
    expect((await rung(['prompt', 'export', 'structured', first, '-o', file])).code).toBe(0);
    const nearest = await rung(['prompt', 'export', 'few-shot', first]);
    expect([nearest.code, nearest.stderr]).toEqual([2, expect.stringContaining('its examples are chosen anew for each question')]);
    const second = await folderWith({}, '[structured, { rung: prompt, version: winner }]');
    expect((await rung(['prompt', 'import', file, second])).code).toBe(0);
    const { document } = await json('climb', second);
    // every answer of the second rung is one that the first paid for
    expect(document.spent).toMatchObject({ calls: document.spent.cached });
    const written = await readFile(join(second, 'prompts', 'winner.md'), 'utf8');
    expect(written).toContain('scores:\n  - metric: accuracy\n    value: 0.5\n');
    const body = (text: string) => text.slice(text.indexOf('\n---\n'));
    expect(body(written)).toBe(body(await readFile(file, 'utf8')));
    const { document: listed } = await json('prompt', 'list', second);
    expect(listed.prompts[0].scores[0]).toMatchObject({ metric: 'accuracy', split: 'test', model: 'fake/one' });
    await rung(['climb', second]);
    expect(await readFile(join(second, 'prompts', 'winner.md'), 'utf8')).toBe(written);
  });
});
