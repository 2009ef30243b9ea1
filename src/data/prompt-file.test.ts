import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PromptScore, PromptVersion, Shot } from '#core/prompt.ts';
import { formatPromptFile, readPromptFile, withScores } from './prompt-file.ts';
import { turnsOf } from './prompt-shots.ts';
import { escapeSlots, formatSlots, parseSlots, type SlotPart } from './prompt-slots.ts';

const read = (content: string) => readPromptFile(content, 'v1', 'prompts/v1.md');
const nasty = fc.oneof(
  fc.string(),
  fc
    .array(
      fc.constantFrom(
        '# Task',
        '## User',
        '### x',
        '\\',
        '\\# a',
        '\\\\{{',
        '{{labels}}',
        '{{',
        '}}',
        '---',
        '\n',
        '\r',
        ' ',
        '{',
        '#',
        'x',
      ),
    )
    .map((parts) => parts.join('')),
);
const heading = fc.oneof(
  fc.constantFrom('Task', 'Examples', 'examples', '\\Examples', 'Query', '#', '\\'),
  fc.string({ minLength: 1 }).filter((text) => text.trim() === text && !/[\n\uFEFF]/.test(text)),
);
const shot = fc.record<Shot>({
  input: fc.oneof(nasty, fc.record({ message: nasty }), fc.record({ messages: fc.constant([{ role: 'user' as const, content: 'x' }]) })),
  answer: nasty,
});

describe('a prompt file', () => {
  it('gives back every text as it was', () => {
    const version = fc.record({
      author: fc.constantFrom('person' as const, 'optimiser' as const),
      headed: fc.boolean(),
      sections: fc.array(fc.record({ heading, text: nasty }), { maxLength: 4 }),
      shots: fc.array(shot, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(version, ({ author, headed, sections, shots }) => {
        const literal = sections.map((section) => ({ ...section, text: escapeSlots(section.text) }));
        const back = read(formatPromptFile({ author, prompt: { headed, sections: literal }, shots, scores: [] }));
        expect(back.prompt).toEqual({ headed, sections: literal });
        expect(back.prompt.sections.map(({ text }) => parseSlots(text, { file: 'x' }).join(''))).toEqual(sections.map(({ text }) => text));
        expect(turnsOf(back.shots)).toEqual(turnsOf(shots));
        expect(formatPromptFile(back)).toBe(formatPromptFile({ ...back }));
      }),
    );
  });

  it('reads what a person writes', () => {
    const version = read(
      '---\r\nschema: rung.prompt/1\r\nparent: v0\r\nhypothesis: "shorter is as good"\r\nmaxOutputTokens: 8\r\n---\r\n\r\n# Task\r\n\r\nSort it.\r\nOnce.\r\n\r\n# Format\r\n{{labels}}\r\n# Examples\r\n## User\r\nwet\r\n\r\n## Assistant\r\nrain\r\n',
    );
    expect(version).toEqual<PromptVersion>({
      name: 'v1',
      file: 'prompts/v1.md',
      parent: 'v0',
      author: 'person',
      hypothesis: 'shorter is as good',
      maxOutputTokens: 8,
      prompt: {
        headed: true,
        sections: [
          { heading: 'Task', text: 'Sort it.\nOnce.' },
          { heading: 'Format', text: '{{labels}}' },
        ],
      },
      shots: [{ input: 'wet', answer: 'rain' }],
      scores: [],
    });
  });

  it.each([
    ['', 'front-matter-missing', 1],
    ['---\nschema: rung.prompt/2\n---\n', 'value-unfit', 2],
    ['---\nschema: rung.prompt/1\nauthr: person\n---\n', 'unknown-key', 3],
    ['---\nschema: rung.prompt/1\nauthor: [\n---\n', 'file-unreadable', 3],
    ['---\nschema: rung.prompt/1\n---\nhello\n', 'text-outside-section', 4],
    ['---\nschema: rung.prompt/1\n---\n# Task\n\none\nuse {{lables}}\n', 'unknown-slot', 7],
    ['---\nschema: rung.prompt/1\n---\n# Examples\nhello\n', 'examples-unfit', 5],
    ['---\nschema: rung.prompt/1\n---\n# Examples\n## User\nhello\n', 'examples-unfit', 5],
  ])('names the line of what does not fit: %j', (content, code, line) => {
    expect(() => read(content)).toThrow(expect.objectContaining({ code, exitCode: 2, place: { file: 'prompts/v1.md', line } }));
  });

  it('is a version or a usage error, whatever stands in it', () => {
    const piece = fc.constantFrom(
      '---',
      'schema: rung.prompt/1',
      'scores: 3',
      'headed: no',
      '&a [*a]',
      '# Task',
      '# Examples',
      '## User',
      '{{x}}',
      '\u0000',
      '\t',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }), (lines) => {
        const content = ['---', 'schema: rung.prompt/1', ...lines].join('\n');
        try {
          expect(read(content).name).toBe('v1');
        } catch (error) {
          expect(error).toMatchObject({ exitCode: 2, place: { file: 'prompts/v1.md' } });
        }
      }),
    );
  });

  it('suggests the nearest slot', () => {
    expect(() => parseSlots('{{lables}}', { file: 'x', line: 3 })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('Did you mean "labels"?') }),
    );
  });

  it('has slots that are the inverse of their text', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, fc.constant<SlotPart>({ slot: 'query' }))), (parts) => {
        const back = parseSlots(formatSlots(parts), { file: 'x' });
        const flat = (list: readonly SlotPart[]) => list.map((part) => (typeof part === 'string' ? part : '\u0000slot\u0000')).join('');
        expect(flat(back)).toBe(flat(parts));
      }),
    );
  });
});

describe('scores', () => {
  const score = (value: number, metric = 'accuracy'): PromptScore => ({
    ...{ metric, value, low: value / 2, high: value, n: 40, method: 'wilson' },
    ...{ split: 'test', candidate: 'c_1', model: 'nano' },
  });

  it.each([
    '---\nschema: rung.prompt/1\n# why\nauthor:   person   # me\n---\n\n# Task\n\nx  \n\n',
    '---\r\nschema: rung.prompt/1\r\nscores: []\r\nhypothesis:  none\r\n---\r\n# Task\r\nx',
    '---\nscores:\n  - {metric: format, value: 1, low: 1, high: 1, n: 4, method: m, split: test, candidate: c, model: nano}\n  # end\n# more\nschema: rung.prompt/1\n---\n# Task\n{{labels}}\n',
  ])('are written and leave all else as it was: %j', (content) => {
    const once = withScores(content, [score(0.5)], 'v1.md')!;
    const twice = withScores(once, [score(0.75)], 'v1.md')!;
    expect(read(twice)).toEqual({ ...read(content), scores: [...read(content).scores, score(0.75)] });
    const rest = (text: string) => text.split(/\r?\n/).filter((line) => !/^(scores:|\s+(- |[a-z]+: ))/.test(line));
    expect(rest(twice)).toEqual(rest(content));
    expect(twice.includes('\r')).toBe(content.includes('\r'));
  });
});
