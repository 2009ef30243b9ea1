import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { climbTask, defaultPlugins, dryRunTask, planTask } from '../src/index.ts';
import { startFaultServer } from '../src/testing.ts';
import { rung } from './command-line.fixture.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

const voice = `name: Coach
role: productivity coach
vocabulary: { avoid: [hustle] }
rules:
  - "last sentence starts with one of: Next step"
  - no questions
boundaries: [{ topic: politics, answer: "I keep politics out. Next step: open your list." }]
examples:
${['report', 'letter', 'garden', 'kitchen', 'speech', 'form', 'workshop', 'cellar']
  .map(
    (item) =>
      `  - { user: "The ${item} is open.", assistant: "Good to know. Next step: give the ${item} ten minutes.", neutral: "It seems that the ${item} was left for a while, which can be changed." }\n`,
  )
  .join('')}`;

const task = (baseUrl: string) => `name: coach
instructions: Answer the update.
output: { text: true }
examples: examples.jsonl
persona: persona.yaml
providers: { local: { kind: openai-compatible, baseUrl: "${baseUrl}", concurrency: 8 } }
models: { base: local/mock, judge: local/judge }
metrics: [personaCombined, persona]
ladder: [zero-shot]
`;

const examples = jsonLines(Array.from({ length: 24 }, (_, i) => ({ id: `u${i}`, input: `Update ${i}: the shed is open.`, split: 'test' })));

it('measures a voice by rules, classifier and judge, shows their agreement, and guesses over nothing that a judge says', async () => {
  const replies = [
    '{"reason": "In the voice.", "score": 5}',
    '```json\n{"reason": "Out of the voice.", "score": 1}\n```',
    'I would say that this deserves a 5.',
    '{"reason": "Great.", "score": 11}',
    '🤷',
    'never sent',
  ];
  const numberIn = (text: string) => Number(/Update (\d+)/.exec(text)?.[1]);
  const server = await startFaultServer({
    answer: ({ model, messages }) => {
      const number = numberIn(messages.at(-1)?.content ?? '');
      if (model === 'judge') return replies[number % replies.length]!;
      return number % 2 === 0 ? `Good to know. Next step: give shed ${number} ten minutes.` : 'It seems that sheds were left, no hustle?';
    },
    faults: ({ body }) => (body.includes('"judge"') && numberIn(body) % replies.length === 5 ? { kind: 'server-error' } : undefined),
  });
  try {
    const folder = await taskFolder({ 'task.yaml': task(server.baseUrl), 'persona.yaml': voice, 'examples.jsonl': examples });
    const plugins = defaultPlugins();
    const planned = await planTask({ task: folder, plugins, environment: {} });
    const retryPolicy = { attempts: 2, firstWaitMs: 1, longestWaitMs: 2 };
    const dry = await dryRunTask(planned, { plugins, environment: {} });
    expect(dry.rungs[0]).toMatchObject({ calls: 24, marking: [{ metric: 'personaCombined', model: 'local/judge', calls: 24 }] });
    expect(dry.total.calls).toBe(48);
    expect(server.totals().delivered).toBe(0);
    const climb = () => climbTask(planned, { plugins, environment: {}, retryPolicy, all: true }, async ({ verdict }) => verdict);
    const verdict = await climb();
    const [measured] = verdict.rungs;
    // replies 0 and 1 of 6 are verdicts
    expect(measured?.metrics['personaCombined']?.n).toBe(8);
    expect(measured?.metrics['persona']?.n).toBe(24);
    expect(measured?.failures ?? 0).toBe(0);
    const { agreement = [] } = measured!;
    expect(agreement.filter(({ method }) => method.startsWith('share')).map(({ one, other, value, n }) => [one, other, value, n])).toEqual([
      ['rules', 'classifier', 1, 24],
      ['rules', 'judge', 1, 8],
      ['classifier', 'judge', 1, 8],
    ]);
    expect(agreement.filter(({ method }) => method.startsWith('cohen')).map(({ value }) => value)).toEqual([1, 1, 1]);
    expect(verdict.warnings.join('\n')).toMatch(/personaCombined.*16 rows.*the judge gave/);
    // what a judge said is kept: only the failed calls are made again
    const before = server.totals().delivered;
    expect((await climb()).rungs[0]?.metrics).toEqual(measured?.metrics);
    expect(server.totals().delivered).toBe(before);
  } finally {
    await server.close();
  }
});

it('writes conversations in the voice from the training split alone, checks the persona and shows its prompt', async () => {
  const rows = Array.from({ length: 30 }, (_, i) => ({
    input: `Row ${i} is open.`,
    expected: `Good to know. Next step: close row ${i}.`,
    split: i < 20 ? 'train' : 'test',
  }));
  const folder = await taskFolder({ 'task.yaml': task('http://127.0.0.1:1/v1'), 'persona.yaml': voice, 'examples.jsonl': jsonLines(rows) });
  const written = await rung(['persona', 'conversations', folder, '-o', join(folder, 'voice.jsonl'), '--most', '500', '--json']);
  expect(written).toMatchObject({ code: 0, stderr: '' });
  const report = JSON.parse(written.stdout);
  const lines = (await readFile(join(folder, 'voice.jsonl'), 'utf8')).trim().split('\n');
  expect(report).toMatchObject({ written: lines.length, broken: 0, kinds: { boundary: 5, plain: 8 } });
  for (const line of lines) {
    const { messages } = JSON.parse(line);
    expect(messages[0].role).toBe('system');
    expect(messages.at(-1).content).toMatch(/Next step: /);
    for (const [, number] of line.matchAll(/row (\d+)/gi)) expect(Number(number)).toBeLessThan(20);
  }
  expect(await rung(['persona', 'check', folder])).toMatchObject({ code: 0, stdout: 'The persona does not contradict itself.\n' });
  const prompt = JSON.parse((await rung(['persona', 'prompt', folder, '--length', 'detailed', '--json'])).stdout);
  expect(prompt.text).toContain('politics; say instead: I keep politics out.');
});

it('reports a persona that contradicts itself with file and line and both places, before anything is asked', async () => {
  const folder = await taskFolder({
    'task.yaml': task('http://127.0.0.1:1/v1'),
    'persona.yaml':
      'name: Coach\nvocabulary:\n  avoid: [asap]\nrules:\n  - "open with one of: ASAP"\n  - at most 3 words\n  - at least 5 words\n',
    'examples.jsonl': examples,
  });
  const climbed = await rung(['climb', folder, '--dry-run']);
  expect(climbed.code).toBe(2);
  expect(climbed.stderr).toMatch(/persona\.yaml:5: .*does not go with vocabulary\.avoid \(persona\.yaml:3\)/);
  expect(climbed.stderr).toContain('rung persona check lists all 2.');
  const checked = await rung(['persona', 'check', folder, '--json']);
  expect(checked.code).toBe(2);
  const { ok, findings } = JSON.parse(checked.stdout);
  expect(ok).toBe(false);
  expect(findings.map(({ place, other }: { place: { line: number }; other: { line: number } }) => [place.line, other.line])).toEqual([
    [5, 3],
    [6, 7],
  ]);
  const bare = await taskFolder({
    'task.yaml': 'instructions: a\noutput: { labels: [b, c] }\n',
    'examples.jsonl': '{"input": "a", "expected": "b"}\n',
  });
  expect(await rung(['persona', 'check', bare])).toMatchObject({ code: 2, stderr: expect.stringContaining('has no persona') });
});

it('keeps what docs/personas.md shows: its persona, its ladder, and the output of its commands', async () => {
  const page = await readFile(new URL('../docs/personas.md', import.meta.url), 'utf8');
  const [persona, ladder] = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml!);
  const folder = await taskFolder({
    'task.yaml': `instructions: a\noutput: { text: true }\n${ladder}`,
    'persona.yaml': persona!,
    'examples.jsonl': jsonLines(Array.from({ length: 30 }, (_, i) => ({ input: `Row ${i} is ${i * 7919}.`, expected: `Thanks ${i}.` }))),
  });
  expect(await rung(['persona', 'check', folder])).toMatchObject({ code: 0, stdout: 'The persona does not contradict itself.\n' });
  expect((await rung(['climb', folder, '--dry-run'])).code).toBe(0);

  const taskmaster = join(import.meta.dirname, '..', 'examples', 'taskmaster');
  expect((await rung(['persona', 'check', taskmaster])).code).toBe(0);
  expect(page).toContain((await rung(['persona', 'prompt', taskmaster, '--length', 'minimal'])).stdout);
  const output = await taskFolder({});
  const written = await rung(['persona', 'conversations', taskmaster, '-o', 'voice.jsonl'], { workingFolder: output });
  expect(page).toContain(written.stdout);
});
