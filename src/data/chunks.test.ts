import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passagesOf } from './chunks.ts';

const markdown = (text: string, words?: number) => passagesOf([{ id: 'guide.md', text }], words);

describe('cutting documents', () => {
  it('goes by headings and keeps their path as the title', () => {
    const passages = markdown('Before.\n\n# Loans\n\nOne.\n\n## Late & lost\nTwo.\n\n# Rooms\n\nThree.\n');
    expect(passages).toEqual([
      { id: 'guide.md/1', title: 'guide', text: 'Before.' },
      { id: 'guide.md#loans/1', title: 'Loans', text: 'One.' },
      { id: 'guide.md#late-lost/1', title: 'Loans > Late & lost', text: 'Two.' },
      { id: 'guide.md#rooms/1', title: 'Rooms', text: 'Three.' },
    ]);
  });

  it('numbers headings that come again, so that ids stay apart', () => {
    const ids = markdown('# A\n\none\n\n# A\n\ntwo\n\n# A 1\n\nthree\n\n# !\n\nfour').map(({ id }) => id);
    expect(ids).toEqual(['guide.md#a/1', 'guide.md#a-1/1', 'guide.md#a-1-1/1', 'guide.md#section/1']);
  });

  it('puts as many whole paragraphs together as fit, then sentences, then words', () => {
    const passages = markdown('one two\n\nthree four\n\nfive six', 4);
    expect(passages.map(({ text }) => text)).toEqual(['one two\n\nthree four', 'five six']);
    expect(markdown('One two three. Four five. Six.', 4).map(({ text }) => text)).toEqual(['One two three.', 'Four five. Six.']);
    expect(markdown('a b c d e', 2).map(({ text }) => text)).toEqual(['a b', 'c d', 'e']);
  });

  it('cuts what runs on without a space, so that no passage is longer than a prompt can hold', () => {
    const passages = markdown(`# Data\n\n${'😀'.repeat(1000)}`, 10);
    expect(passages).toHaveLength(2);
    expect(passages.map(({ text }) => text).join('')).toBe('😀'.repeat(1000));
    for (const { text } of passages) expect(text.isWellFormed()).toBe(true);
  });

  it('takes no heading from a code block, reads underlined ones, and leaves front matter out', () => {
    const passages = markdown('---\ntitle: x\n---\nFirst\n=====\n\n```sh\n# not a heading\n\nrun\n```\n\nSecond\n------\n\ntext');
    expect(passages.map(({ title, text }) => [title, text])).toEqual([
      ['First', '```sh\n# not a heading\n\nrun\n```'],
      ['First > Second', 'text'],
    ]);
  });

  it('knows no headings in plain text', () => {
    expect(passagesOf([{ id: 'a/note.txt', text: '# one\n\ntwo' }])).toEqual([{ id: 'a/note.txt/1', title: 'note', text: '# one\n\ntwo' }]);
  });

  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '.', '1'), minLength: 1, maxLength: 6 });
  const paragraph = fc.array(word, { minLength: 1, maxLength: 30 }).map((words) => words.join(' '));
  const section = fc.tuple(fc.integer({ min: 1, max: 4 }), word, fc.array(paragraph, { maxLength: 4 }));

  it('loses no word, keeps to the limit and gives every passage its own id, whatever the document', () => {
    fc.assert(
      fc.property(fc.array(section, { maxLength: 6 }), fc.integer({ min: 1, max: 40 }), (sections, limit) => {
        const text = sections
          .map(([level, heading, paragraphs]) => [`${'#'.repeat(level)} ${heading}`, ...paragraphs].join('\n\n'))
          .join('\n\n');
        const passages = markdown(text, limit);
        const wordsOf = (texts: readonly string[]) => texts.join(' ').match(/\S+/g) ?? [];
        expect(wordsOf(passages.map((passage) => passage.text))).toEqual(wordsOf(sections.flatMap(([, , paragraphs]) => paragraphs)));
        for (const passage of passages) expect(wordsOf([passage.text]).length).toBeLessThanOrEqual(limit);
        expect(new Set(passages.map(({ id }) => id)).size).toBe(passages.length);
      }),
    );
  });
});
