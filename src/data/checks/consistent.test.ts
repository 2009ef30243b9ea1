import { describe, expect, it } from 'vitest';
import { chat, checkRows, cleanRows, findingOf } from './clean-corpus.fixture.ts';

const objects = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    chat(`Who is number ${index}?`, JSON.stringify({ name: `n${index}`, age: index, tags: [] }), index + 1),
  );

describe('formats', () => {
  it('finds text among JSON, JSON among text, and JSON that is broken', async () => {
    const mostJson = objects(40);
    mostJson[7] = chat('Who is it?', 'It is Ann.', 8);
    mostJson[9] = chat('Who is it?', '{"name": "Ann", "age":', 10);
    const document = await checkRows(mostJson);
    expect(findingOf(document, 'answer-format-mixed')).toMatchObject({ rows: [8], severity: 'warning' });
    expect(findingOf(document, 'answer-json-broken')).toMatchObject({ rows: [10], severity: 'error' });
    const mostText = cleanRows(40, 4, 'sentences');
    mostText[3] = { ...objects(1)[0]!, line: 4 };
    expect(findingOf(await checkRows(mostText), 'answer-format-mixed')?.rows).toEqual([4]);
  });

  it('does not take a bracket for JSON', async () => {
    const rows = cleanRows(40, 4, 'sentences');
    rows[3] = chat('Where?', '[Note] It is in the second drawer.', 4);
    const document = await checkRows(rows);
    expect(findingOf(document, 'answer-json-broken')).toBeUndefined();
  });

  it('finds objects with a missing key, a stray key or another type, and takes null', async () => {
    const rows = objects(60);
    rows[1] = chat('Who?', '{"name":"a","age":3}', 2);
    rows[2] = chat('Who?', '{"name":"a","age":3,"tags":[],"extra":1}', 3);
    rows[3] = chat('Who?', '{"name":"a","age":"3","tags":[]}', 4);
    rows[4] = chat('Who?', '{"tags":[],"age":null,"name":"b"}', 5);
    const finding = findingOf(await checkRows(rows), 'answer-schema-drift');
    expect(finding?.rows).toEqual([2, 3, 4]);
    expect(finding?.examples.map(({ text }) => text.split(': ')[0])).toEqual([
      'without "tags"',
      'with "extra" as number',
      'with "age" as string',
    ]);
  });
});

describe('instructions', () => {
  const withPrompt = (prompt: (index: number) => string | undefined) =>
    cleanRows(60, 6, 'sentences').map((row, index) => {
      const text = prompt(index);
      return { ...row, turns: [...(text === undefined ? [] : [{ role: 'system' as const, content: text }]), ...row.turns] };
    });

  it('finds the few rows with another one, or without one', async () => {
    const document = await checkRows(withPrompt((index) => (index === 4 ? undefined : index === 5 ? 'Be long.' : 'Be brief.')));
    expect(findingOf(document, 'system-missing')?.rows).toEqual([5]);
    expect(findingOf(document, 'system-drift')?.rows).toEqual([6]);
    expect(document.scores.consistent).toBeCloseTo(58 / 60, 4);
  });

  it('remarks on several, and is silent where every row has its own context', async () => {
    const several = await checkRows(withPrompt((index) => `Task ${index % 3}.`));
    expect(findingOf(several, 'system-several')).toMatchObject({ severity: 'info', count: 60 });
    const own = await checkRows(withPrompt((index) => `Answer from document ${index}.`));
    expect(own.findings.filter(({ rule }) => rule.startsWith('system'))).toEqual([]);
  });
});

describe('lengths and style', () => {
  it('finds answers far longer or shorter than the others', async () => {
    const rows = cleanRows(200, 8, 'sentences');
    rows[20] = chat('Why?', `${'It is a long story that goes on. '.repeat(60)}End.`, 21);
    rows[30] = chat('Why is it so?', 'No.', 31);
    expect(findingOf(await checkRows(rows), 'answer-length-outlier')?.rows).toEqual([21, 31]);
  });

  it('keeps its fences where they are when one row grows without bound', async () => {
    const rows = cleanRows(200, 8, 'sentences');
    rows[20] = chat('Why?', `${'Long. '.repeat(50_000)}`, 21);
    expect(findingOf(await checkRows(rows), 'answer-length-outlier')?.rows).toEqual([21]);
  });

  it('remarks on answers that are written in another way', async () => {
    const rows = cleanRows(100, 8, 'sentences');
    rows[20] = chat('Why is that?', 'because the courier was late by {days} days, as it seems', 21);
    const document = await checkRows(rows);
    expect(findingOf(document, 'style-ends')?.rows).toEqual([21]);
    expect(findingOf(document, 'style-capital')?.rows).toEqual([21]);
  });
});
