import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Manifest } from '#core/candidate.ts';
import type { Input } from '#core/example.ts';
import type { Output } from '#core/output.ts';
import type { TrainingJob } from '#core/trainer.ts';
import { readOverlayFile } from '#data/overlay-file.ts';
import { formatPromptFile, readPromptFile } from '#data/prompt-file.ts';
import { promptTemplates } from '#data/prompt-templates.ts';
import { contextWith, examples, inputFor, never, notingModel, task } from './approach-contract.fixture.ts';
import { fewShot } from './few-shot.ts';
import { fineTuned } from './fine-tuned.ts';
import { hybrid } from './hybrid.ts';
import { exportedVersion } from './prompt-export.ts';
import { withFoundPassages } from './prompt-knowledge.ts';
import { renderClosed } from './prompt-turns.ts';
import { promptVersion, versionState } from './prompt-version.ts';
import { promptedManifest } from './prompted.ts';
import { form } from './reasoning.fixture.ts';
import { reasoning } from './reasoning.ts';
import { structured } from './structured.ts';
import { zeroShot } from './zero-shot.ts';

const versionFrom = (body: string, about = '') => readPromptFile(`---\nschema: rung.prompt/1\n${about}---\n${body}`, 'v2', 'prompts/v2.md');
const overlayFrom = (body: string, about = '') =>
  readOverlayFile(`---\nschema: rung.overlay/1\n${about}---\n${body}`, 'o', 'overlays/o.md');

/** What the rung prompt sends with that one version. */
async function sent(version: ReturnType<typeof versionFrom>, input: Input, options = {}, overlays: ReturnType<typeof overlayFrom>[] = []) {
  const given = { ...inputFor(options), prompts: { versions: [version], overlays } };
  return requestOf(await promptVersion.prepare(given, contextWith('unused', notingModel())), input);
}

async function requestOf(manifest: Manifest, input: Input) {
  const model = notingModel();
  const context = contextWith('unused', model);
  const candidate = await promptVersion.restore(JSON.parse(JSON.stringify(manifest)), context);
  await candidate.answer(input, { signal: never });
  return model.requests[0]!;
}

const conversation = {
  messages: [
    { role: 'system' as const, content: 'Be {{kind}}.' },
    { role: 'user' as const, content: 'hello' },
    { role: 'assistant' as const, content: 'sun' },
    { role: 'user' as const, content: 'and {{query}} now?' },
  ],
};

describe('a prompt that was exported and imported', () => {
  const text = fc.array(fc.constantFrom('{{labels}}', '{{', '# x', '\n', ' ', '\\', 'a', '## User')).map((parts) => parts.join(''));
  const name = fc.constantFrom('Task', 'Examples', 'Query', 'Response pattern');

  it('asks byte for byte the same', async () => {
    const state = fc.record({
      prompt: fc.record({ headed: fc.boolean(), sections: fc.array(fc.record({ heading: name, text }), { maxLength: 3 }) }),
      output: fc.constant(task.output),
      maxOutputTokens: fc.integer({ min: 1, max: 99 }),
      shots: fc.array(fc.record({ input: fc.oneof(text, fc.constant(conversation), fc.record({ field: text })), answer: text }), {
        maxLength: 2,
      }),
    });
    await fc.assert(
      fc.asyncProperty(state, fc.oneof(text, fc.constant(conversation)), async (given, input) => {
        const manifest = promptedManifest({ approach: 'few-shot', name: 'x', model: { model: 'test' } }, given);
        const file = formatPromptFile(exportedVersion(manifest));
        expect(await sent(readPromptFile(file, 'v2', 'v2.md'), input)).toEqual(await requestOf(manifest, input));
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['zero-shot', zeroShot, {}],
    ['structured', structured, { avoid: ['guess'] }],
    ['few-shot', fewShot, { selection: 'fixed', shots: 4 }],
    ['prompt', promptVersion, { overlays: ['winter'] }],
  ])('asks the same as the rung %s', async (_, approach, options) => {
    const manifest = await approach.prepare(inputFor(options), contextWith('unused', notingModel()));
    const version = readPromptFile(formatPromptFile(exportedVersion(manifest)), 'v2', 'v2.md');
    for (const { input } of examples.slice(0, 3)) expect(await sent(version, input)).toEqual(await requestOf(manifest, input));
  });

  it('keeps what a question fills', async () => {
    const version = versionFrom('# Task\n{{instructions}}\n\n# Conversation\nSo far: {{conversation}}\n\n# Query\nQ: {{query}}\n');
    const manifest = await promptVersion.prepare(
      { ...inputFor(), prompts: { versions: [version], overlays: [] } },
      contextWith('u', notingModel()),
    );
    const back = readPromptFile(formatPromptFile(exportedVersion(manifest)), 'v2', 'v2.md');
    for (const input of ['wet', conversation]) expect(await sent(back, input)).toEqual(await requestOf(manifest, input));
  });

  it('cannot be one file where the prompt depends on the question, and says why', async () => {
    const asked = await reasoning.prepare(inputFor(), contextWith('unused', notingModel()));
    expect(() => exportedVersion(asked)).toThrow(/more than one prompt/);
    const pooled = {
      ...promptedManifest({ approach: 'few-shot', name: 'x', model: { model: 'test' } }, {} as never),
      artefacts: { pool: 'a' },
    };
    expect(() => exportedVersion(pooled)).toThrow(/examples are chosen anew/);
  });
});

describe('slots', () => {
  it('take what the task says, and what is put in is not looked at again', async () => {
    const version = versionFrom(
      '# Role\n{{role}}\n\n# Task\n{{instructions}} Labels: {{labels}}. \\{{kept}}\n\n# Context\n{{context}}\n\n# Voice\n{{persona}}\n',
    );
    const given = { ...inputFor(), task: { ...task, instructions: 'Say {{labels}}.' }, prompts: { versions: [version], overlays: [] } };
    const manifest = await promptVersion.prepare(given, contextWith('unused', notingModel()));
    expect((await requestOf(manifest, 'wet')).messages).toEqual([
      {
        role: 'system',
        content: '# Role\nYou watch the sky.\n\n# Task\nSay {{labels}}. Labels: sun, rain. {{kept}}\n\n# Context\nIt is autumn.',
      },
      { role: 'user', content: 'wet' },
    ]);
  });

  it('render the question and the turns before it where the file says how', async () => {
    const version = versionFrom(
      '# Task\nAnswer.\n\n# Query\nBefore:\n{{conversation}}\nQuestion: {{query}}\n\n# Examples\n## User\nwet\n## Assistant\nrain\n',
    );
    const { messages } = await sent(version, conversation);
    expect(messages.map(({ role, content }) => `${role}: ${content}`)).toEqual([
      'system: # Task\nAnswer.\nBe {{kind}}.',
      'user: Before:\n\nQuestion: wet',
      'assistant: rain',
      'user: Before:\nUser: hello\nAssistant: sun\nQuestion: and {{query}} now?',
    ]);
  });

  it('leave a conversation out of a first question', async () => {
    const version = versionFrom('# Task\nAnswer.\n\n# Conversation\nSo far:\n{{conversation}}\n');
    expect((await sent(version, 'wet')).messages[0]?.content).toBe('# Task\nAnswer.');
    const { messages } = await sent(version, conversation);
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user']);
    expect(messages[0]?.content).toContain('# Conversation\nSo far:\nUser: hello\nAssistant: sun\nBe {{kind}}.');
  });

  it('show examples in the text instead of as turns', async () => {
    const { messages } = await sent(versionFrom('# Task\nLike:\n{{examples}}\n\n# Examples\n## User\nwet\n## Assistant\nrain\n'), 'dry');
    expect(messages).toEqual([
      { role: 'system', content: '# Task\nLike:\nUser: wet\nAssistant: rain' },
      { role: 'user', content: 'dry' },
    ]);
  });

  it.each([
    ['{{schema}}', /has no schema/],
    ['{{examples}}', /no section # Examples/],
  ])('that the task cannot fill are an error: %s', async (slot, why) => {
    await expect(sent(versionFrom(`# Task\n${slot}\n`), 'x')).rejects.toThrow(why);
  });

  it('of passages show what was found for the question', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rung-knowledge-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const version = versionFrom('# Task\nAnswer.\n\n# Knowledge\nOnly from:\n{{knowledge}}\n');
    const knowledge = [
      { id: 'frost.md', text: '# Frost\n\nFrost bites at night.' },
      { id: 'heat.md', text: '# Heat\n\nHeat comes at noon.' },
    ];
    const model = notingModel();
    const given = { ...inputFor({ passages: 1 }), knowledge, prompts: { versions: [version], overlays: [] } };
    const manifest = await promptVersion.prepare(given, contextWith(folder, model));
    const candidate = await promptVersion.restore(JSON.parse(JSON.stringify(manifest)), contextWith(folder, model));
    const { retrieved } = await candidate.answer('When does frost bite?', { signal: never });
    expect(retrieved).toEqual(['frost.md#frost/1']);
    expect(model.requests[0]?.messages[0]?.content).toBe('# Task\nAnswer.\n\n# Knowledge\nOnly from:\n[1] Frost\nFrost bites at night.');
    expect(promptVersion.skip?.({ ...given, knowledge: [] })).toContain('no documents');
  });
});

it('says while it is prepared that a prompt is too long', async () => {
  const told: string[] = [];
  const model = { ...notingModel(), contextLength: 20, countTokens: (text: string) => text.length };
  const context = { ...contextWith('unused', model), progress: ({ message }: { message: string }) => told.push(message) };
  await promptVersion.prepare(inputFor(), context);
  expect(told).toEqual([expect.stringContaining('too many. Even without Examples (')]);
});

describe('every template', () => {
  const outputs: Readonly<Record<string, Output>> = { classify: task.output, extract: form };

  it.each(promptTemplates.map(({ id, body }) => [id, body]))(
    '%s is a version that its kind of task can be asked with',
    async (id, body) => {
      const output: Output = outputs[id] ?? { kind: 'text' };
      const given = { ...inputFor(), task: { ...task, output }, prompts: { versions: [versionFrom(body)], overlays: [] } };
      const state = withFoundPassages(versionState(given), { knowledge: [{ id: 'a.md', text: 'Wet is rain.' }] }, 1, 'wet');
      const [system, user] = renderClosed(state, state.shots, 'wet');
      expect(system?.content).toContain('# Task\nSay what the weather is.');
      expect(user?.content).toContain('wet');
      expect(`${system?.content}${user?.content}`).not.toContain('{{');
    },
  );
});

describe('overlays', () => {
  it('stand behind the section of the base or in its place, in their order', async () => {
    const version = versionFrom('# Task\nAnswer.\n\n# Rules\n- be kind\n');
    const one = { ...overlayFrom('# rules\n- say {{labels}}\n\n# Season\nwinter\n'), name: 'one' };
    const two = { ...overlayFrom('# Rules\n- be brief\n\n# Season\nspring\n', 'replace: [Season]\n'), name: 'two' };
    const systemOf = async (overlays: string[]) => (await sent(version, 'x', { overlays }, [one, two])).messages[0]?.content;
    expect(await systemOf(['one', 'two'])).toBe('# Task\nAnswer.\n\n# Rules\n- be kind\n- say sun, rain\n- be brief\n\n# Season\nspring');
    expect(await systemOf(['two', 'one'])).toBe(
      '# Task\nAnswer.\n\n# Rules\n- be kind\n- be brief\n- say sun, rain\n\n# Season\nspring\nwinter',
    );
  });

  it.each([zeroShot, structured])('are laid over the prompt of $id', async (approach) => {
    const manifest = await approach.prepare(inputFor({ overlays: ['winter'] }), contextWith('unused', notingModel()));
    expect(JSON.stringify(manifest.state)).toContain('It is winter.');
    await expect(approach.prepare(inputFor({ overlays: ['wintr'] }), contextWith('unused', notingModel()))).rejects.toThrow(
      expect.objectContaining({ code: 'unknown-overlay', hint: expect.stringContaining('Did you mean "winter"?') }),
    );
  });
});

describe('the rung hybrid', () => {
  it('trains the job of fine-tuned with the same options, and asks with the overlays', async () => {
    const jobs: TrainingJob[] = [];
    const context = {
      ...contextWith('unused', notingModel()),
      train: async (job: TrainingJob) => {
        jobs.push(job);
        return { model: { model: 'test', adapter: 'a1' }, hyperparameters: {}, events: [], bestStep: 1, seconds: 1 };
      },
    };
    const tuned = await fineTuned.prepare(inputFor({ epochs: 3 }), context);
    const both = await hybrid.prepare(inputFor({ epochs: 3, overlays: ['winter'] }), context);
    expect(jobs[1]).toEqual(jobs[0]);
    expect(both.model).toEqual(tuned.model);
    expect(JSON.stringify(both.state)).toContain('It is winter.');
  });

  it('is left out where there is no overlay', () => {
    expect(hybrid.skip?.({ ...inputFor(), prompts: { versions: [], overlays: [] } })).toContain('no overlay');
  });
});
