import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Verdict } from '#core/verdict.ts';
import { defaultPlugins, planTask } from '../src/index.ts';
import { rung } from './command-line.fixture.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

// nano knows nothing of these words; one label each, told in the documents and by the strong model, which is wrong on two
const words = ['heron', 'otter', 'badger', 'lynx', 'finch', 'marten', 'plover', 'stoat', 'curlew', 'vole'];
const label = (index: number) => (index % 2 === 0 ? 'bird' : 'beast');
const texts = Array.from({ length: 40 }, (_, at) => ({ text: `${words[at % 10]} number ${at}`, label: label(at % 10) }));
const splits = ['train', 'train', 'validation', 'test'];

const rows = texts.map(({ text, label: expected }, at) => ({ id: `r${at}`, input: text, expected, split: splits[Math.floor(at / 10)] }));
const answers = texts.map(({ text, label: right }, at) => `${text},${at < 2 ? 'whale' : right}\n`);
const pairs = texts.slice(0, 12).map(({ text, label: right }) => ({
  prompt: [{ role: 'user', content: text }],
  chosen: [{ role: 'assistant', content: right }],
  rejected: [{ role: 'assistant', content: right === 'bird' ? 'beast' : 'bird' }],
}));
const guards = ['quality', 'memorisation', 'forgetting', 'format', 'safety', 'over-refusal', 'persona', 'parity'];

const task = (ladder: string) => `name: animals
instructions: Bird or beast?
output: { labels: [bird, beast] }
examples: examples.jsonl
knowledge: knowledge
providers: { large: { kind: replay, file: answers.csv, match: message, answer: large, price: { perRequest: 0.01 } } }
models: { base: nano, strong: replay/large }
metrics: [accuracy]
guards: { ${guards.map((guard) => `${guard}: false`).join(', ')} }
ladder:
${ladder}`;

const ladder = `  - { rung: fine-tuned, epochs: 1 }
  - { rung: hybrid, epochs: 1, overlays: [december] }
  - { rung: preference-tuned, epochs: 1, preferences: pairs.jsonl, dpo: { epochs: 1 } }
  - { rung: pretrained, epochs: 1, pretraining: { epochs: 1 } }
  - { rung: hybrid, name: content, form: content, epochs: 1, retrieval: { passages: 1 } }
  - { rung: hybrid, name: router, form: router, epochs: 1, loss: 0.2 }
  - { rung: hybrid, name: distillation, form: distillation, epochs: 1, as: zero-shot }
  - { rung: hybrid, name: unheard, form: distillation, epochs: 1, as: zero-shot, accept: 2 }
`;

async function folderWith(yaml: string): Promise<string> {
  const folder = await taskFolder({
    'task.yaml': yaml,
    'examples.jsonl': jsonLines(rows),
    'pairs.jsonl': jsonLines(pairs),
    'answers.csv': `message,large\n${answers.join('')}`,
  });
  await mkdir(join(folder, 'knowledge'));
  await mkdir(join(folder, 'overlays'));
  await writeFile(join(folder, 'knowledge', 'animals.md'), words.map((word, at) => `A ${word} is a ${label(at)}.`).join('\n\n'));
  await writeFile(join(folder, 'overlays', 'december.md'), '---\nschema: rung.overlay/1\n---\n\n# Style\nOne word.\n');
  return folder;
}

const climb = async (folder: string, ...flags: string[]) => rung(['climb', folder, '--json', '--all', ...flags]);

it('climbs every rung that uses tuning on the embedded model: trainings shared, resumed without a call, skips and notes said', async () => {
  const folder = await folderWith(task(ladder));
  const planned = await climb(folder, '--dry-run');
  const forecast = JSON.parse(planned.stdout) as { rungs: { rung: string; calls: number; others?: { model: string; calls: number }[] }[] };
  const distillation = forecast.rungs.find((each) => each.rung === 'distillation');
  expect(distillation?.others).toEqual([expect.objectContaining({ model: 'replay/large', calls: 20 })]);

  const ended = await climb(folder);
  const verdict = JSON.parse(ended.stdout) as Verdict;
  const of = (name: string) => verdict.rungs.find((each) => each.rung === name);
  const measured = ['fine-tuned', 'hybrid', 'preference-tuned', 'pretrained', 'content', 'router', 'distillation'];
  for (const name of measured)
    expect(of(name), `${name}: ${of(name)?.skipped}\n${ended.stderr}`).toMatchObject({ tuned: true, metrics: { accuracy: { n: 10 } } });
  expect(of('unheard')?.skipped).toContain('18 scored under 2');
  expect(of('distillation')?.notes).toEqual(['replay/large wrote the answers: 18 of 20 were kept; of the others 2 were not in the form.']);
  expect(of('preference-tuned')?.notes).toEqual(['12 pairs of pairs.jsonl were learnt.']);
  expect(of('pretrained')?.notes?.[0]).toMatch(/^1 knowledge documents were read/);
  expect(of('content')?.notes?.[0]).toContain('changed documents');
  expect(of('router')?.routing).toMatchObject({
    cheap: { rung: 'fine-tuned', model: 'nano' },
    strong: { rung: 'zero-shot', model: 'replay/large' },
  });

  // fine-tuned once for four rungs; preferences; texts and the tune upon them; with passages; of the teacher
  expect(await readdir(join(folder, '.rung', 'jobs'))).toHaveLength(6);
  const again = JSON.parse((await climb(folder)).stdout) as Verdict;
  expect(again.spent.calls).toBe(0);
  expect(again.rungs.map(({ candidate }) => candidate)).toEqual(verdict.rungs.map(({ candidate }) => candidate));
  expect(await readdir(join(folder, '.rung', 'jobs'))).toHaveLength(6);

  const changed = (await readFile(join(folder, 'pairs.jsonl'), 'utf8')).replace('"beast"', '"bear"');
  await writeFile(join(folder, 'pairs.jsonl'), changed);
  const other = JSON.parse((await climb(folder, '--rung', 'preference-tuned')).stdout) as Verdict;
  expect(other.rungs[0]?.candidate).not.toBe(of('preference-tuned')?.candidate);
}, 60_000);

it.each([
  ['{ rung: preference-tuned, preferences: ../pairs.jsonl }', 'leads out of the task folder'],
  ['{ rung: preference-tuned, preferences: none.jsonl }', 'none.jsonl'],
  ['{ rung: pretrained, texts: pairs.jsonl }', 'has no text'],
  ['{ rung: fine-tuned, mix: { file: task.yaml } }', 'task.yaml'],
  ['{ rung: fine-tuned, trainer: nobody }', 'nobody'],
  ['{ rung: hybrid, form: other }', 'overlays, content, router, distillation'],
])('says in one sentence what is wrong with %s', async (entry, said) => {
  const { code, stderr } = await climb(await folderWith(task(`  - ${entry}\n`)));
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(said) });
});

it('takes the ladder that the page shows', async () => {
  const page = await readFile(join(import.meta.dirname, '..', 'docs', 'tuned-rungs.md'), 'utf8');
  const shown = /```yaml\nladder:\n([^`]*)```/.exec(page)?.[1] ?? '';
  const folder = await folderWith(task(shown));
  await writeFile(join(folder, 'unlabelled.jsonl'), jsonLines(texts.map(({ text }) => ({ input: `young ${text}` }))));
  const plugins = defaultPlugins();
  try {
    const { plan } = await planTask({ task: folder, plugins, environment: {} });
    expect(plan.rungs).toHaveLength(7);
    expect(plan.files?.rows).toMatchObject({ 'pairs.jsonl': { length: 12 }, 'unlabelled.jsonl': { length: 40 } });
  } finally {
    await plugins.close();
  }
});
