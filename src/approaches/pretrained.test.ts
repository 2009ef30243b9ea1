import { describe, expect, it } from 'vitest';
import type { PrepareInput } from '#core/approach.ts';
import { inputFor } from './approach-contract.fixture.ts';
import { fineTuned } from './fine-tuned.ts';
import { pretrained } from './pretrained.ts';
import { notingContext } from './tuned.fixture.ts';

const knowledge = [
  { id: 'a.md', text: 'Clouds are grey.' },
  { id: 'b.md', text: 'The sun is bright.' },
];
const reading = (options: PrepareInput['options']): PrepareInput => ({
  ...inputFor(options),
  knowledge,
  files: { rows: {}, documents: { 'corpus.txt': [{ id: 'corpus.txt', text: 'All of it.' }] } },
});

describe('the rung pretrained', () => {
  it('reads the documents first, judged by nothing, and tunes from that adapter as fine-tuned does', async () => {
    const noted = notingContext('unused', () => 'sun');
    const manifest = await pretrained.prepare(reading({ epochs: 3, pretraining: { epochs: 5, learningRate: 0.001 } }), noted.context);
    const [read, tuned] = noted.jobs;
    expect(read).toMatchObject({
      method: 'pretraining',
      base: { model: 'test' },
      train: knowledge.map(({ text }) => ({ text })),
      hyperparameters: { epochs: 5, learningRate: 0.001 },
    });
    const alone = notingContext('unused', () => 'sun');
    await fineTuned.prepare(reading({ epochs: 3 }), alone.context);
    expect(tuned).toEqual({ ...alone.jobs[0], base: { model: 'test', adapter: 'a_1' } });
    expect(noted.judged).toEqual(['supervised']);
    expect(manifest).toMatchObject({ approach: 'pretrained', model: { adapter: 'a_2' } });
    expect(manifest.state['notes']).toEqual(['2 knowledge documents were read before the tune.']);
  });

  it('reads a file of texts where one is named', async () => {
    const noted = notingContext('unused', () => 'sun');
    await pretrained.prepare(reading({ texts: 'corpus.txt' }), noted.context);
    expect(noted.jobs[0]).toMatchObject({ train: [{ text: 'All of it.' }] });
    expect(pretrained.usesFiles!({ texts: 'corpus.txt' })).toEqual({ documents: ['corpus.txt'] });
    expect([pretrained.usesKnowledge!({}), pretrained.usesKnowledge!({ texts: 'corpus.txt' })]).toEqual([true, false]);
    await expect(pretrained.prepare(reading({ texts: 'other.txt' }), noted.context)).rejects.toMatchObject({ code: 'file-not-read' });
  });

  it('says what it lacks', () => {
    expect(pretrained.skip!(inputFor())).toContain('knowledge/');
    expect(pretrained.skip!({ ...reading({}), train: [] })).toContain('at least 10');
    expect(pretrained.skip!(reading({}))).toBeUndefined();
    expect(() => pretrained.checkOptions({ pretraining: { beta: 1 } })).toThrow(/pretraining/);
  });
});
