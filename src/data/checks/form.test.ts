import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataTokenizer } from '#core/data-check.ts';
import type { DataRow, DataTurn } from '#core/data-row.ts';
import { chat, checkedRows, checkRows, cleanRows, findingOf } from './clean-corpus.fixture.ts';
import { learntPieces, renderRow, trainerPolicies } from './training-tokens.ts';

const user = (content: string): DataTurn => ({ role: 'user', content });
const assistant = (content: string | null, more: Partial<DataTurn> = {}): DataTurn => ({ role: 'assistant', content, ...more });
const row = (turns: readonly DataTurn[], more: Partial<DataRow> = {}): DataRow => ({ line: 1, turns, ...more });
/** A token for every character, so that counts can be read off. */
const characters: DataTokenizer = { name: 'characters', estimated: false, count: (text) => text.length };

async function rulesOf(faulty: DataRow, options = {}): Promise<string[]> {
  const rows = [faulty, ...cleanRows(30, 2, 'sentences')].map((each, index) => ({ ...each, line: index + 1 }));
  const { findings } = await checkRows(rows, options);
  return findings
    .filter(({ rows: lines, family, severity }) => family === 'form' && severity !== 'info' && lines.includes(1))
    .map(({ rule }) => rule);
}

describe('turns', () => {
  it.each<[string, DataRow, string]>([
    ['no turns', row([]), 'no-turns'],
    ['no answer', row([user('Who?')]), 'no-answer'],
    ['an empty answer', row([user('Who?'), assistant(' \n')]), 'empty-answer'],
    ['an empty question', row([user(''), assistant('Me.')]), 'empty-turn'],
    ['a late system turn', row([user('Who?'), { role: 'system', content: 'Be brief.' }, assistant('Me.')]), 'system-not-first'],
    ['two questions in a row', row([user('Who?'), user('And when?'), assistant('Me, now.')]), 'turn-order'],
    ['an answer first', row([assistant('Hello.'), user('Who?'), assistant('Me.')]), 'turn-order'],
    ['a question last', row([user('Who?'), assistant('Me.'), user('When?')]), 'answer-not-last'],
    ['an odd weight', row([user('Who?'), assistant('Me.', { weight: 0.5 })]), 'weight-unfit'],
    ['no answer with a weight', row([user('Who?'), assistant('Me.', { weight: 0 })]), 'nothing-learnt'],
    [
      'a pair of equals',
      row([user('Who?')], { preference: { chosen: [assistant('Me.')], rejected: [assistant('Me.')] } }),
      'preference-equal',
    ],
    ['half a pair', row([user('Who?')], { preference: { chosen: [assistant('Me.')], rejected: [] } }), 'preference-empty'],
  ])('sees %s', async (_, faulty, rule) => {
    expect(await rulesOf(faulty)).toContain(rule);
  });

  it('takes several instructions, pictures, and calls of tools without a text', async () => {
    const fine = row(
      [
        { role: 'system', content: 'Be brief.' },
        { role: 'developer', content: 'Be kind.' },
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:' } }] },
        assistant(null, { toolCalls: [{ id: 'c1', name: 'look', arguments: '{}' }] }),
        { role: 'tool', content: '', toolCallId: 'c1' },
        assistant('A cat.'),
      ],
      { tools: [{ type: 'function', function: { name: 'look' } }] },
    );
    expect(await rulesOf(fine)).toEqual([]);
  });

  it('calls a file of questions alone what it is', async () => {
    const document = await checkRows(cleanRows(20, 1, 'sentences').map(({ line, turns }) => ({ line, turns: turns.slice(0, 1) })));
    expect(findingOf(document, 'no-answer')).toMatchObject({ severity: 'warning', message: expect.stringContaining('for evaluation') });
  });
});

describe('tools', () => {
  const tools = [
    {
      type: 'function',
      function: { name: 'find', parameters: { type: 'object', properties: { city: {} }, required: ['city'], additionalProperties: false } },
    },
  ];
  const call = (args: string, name = 'find') => assistant(null, { toolCalls: [{ id: 'c1', name, arguments: args }] });
  const result: DataTurn = { role: 'tool', content: 'Rain.', toolCallId: 'c1' };
  it.each<[string, readonly DataTurn[], string]>([
    ['a tool that is not declared', [user('?'), call('{}', 'seek'), result, assistant('Rain.')], 'tool-undeclared'],
    ['arguments that are no object', [user('?'), call('[1'), result, assistant('Rain.')], 'tool-arguments-unreadable'],
    ['a missing argument', [user('?'), call('{}'), result, assistant('Rain.')], 'tool-arguments-unfit'],
    ['an argument too many', [user('?'), call('{"city":"Ulm","day":1}'), result, assistant('Rain.')], 'tool-arguments-unfit'],
    ['a call without a result', [user('?'), call('{"city":"Ulm"}'), assistant('Rain.')], 'tool-unanswered'],
    ['a result without a call', [user('?'), result, assistant('Rain.')], 'tool-unasked'],
  ])('sees %s', async (_, turns, rule) => {
    expect(await rulesOf(row(turns, { tools }))).toContain(rule);
  });

  it('sees calls where nothing is declared', async () => {
    expect(await rulesOf(row([user('?'), call('{"city":"Ulm"}')]))).toContain('tools-missing');
  });

  it('takes what fits', async () => {
    expect(await rulesOf(row([user('?'), call('{"city":"Ulm"}'), result, assistant('Rain.')], { tools }))).toEqual([]);
  });
});

describe('texts', () => {
  it('repairs what was UTF-8 and read as Windows-1252, to the letter', async () => {
    const decoder = new TextDecoder('windows-1252');
    const { mend } = await checkedRows([]);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abc éèüßñç “”’…–€Ωжд日本') }), (text) => {
        const broken = decoder.decode(new TextEncoder().encode(text));
        const [fix] = mend(chat('Which?', broken));
        const repaired = fix === undefined ? broken : fix.row?.turns[1]?.content;
        expect(repaired).toBe(text);
      }),
    );
  });

  it('leaves right texts of every language alone', async () => {
    const { mend } = await checkedRows([]);
    for (const text of [
      'Café, Ærøskøbing, ça va?',
      'Größe «groß» 100 €',
      'Ã is a letter, © a sign',
      'Привет, мир',
      '日本語のテキスト',
      'naïve – “quoted”',
    ]) {
      expect(mend(chat('Which?', text)), text).toEqual([]);
    }
  });

  it('takes control characters out and keeps tabs and lines', async () => {
    const { mend, document } = await checkedRows([chat('Which?', 'a\u0000b\tc\r\nd\u0085')]);
    expect(findingOf(document, 'control-character')?.rows).toEqual([1]);
    expect(mend(chat('Which?', 'a\u0000b\tc\r\nd\u0085'))[0]?.row?.turns[1]?.content).toBe('ab\tc\r\nd');
  });

  it('sees lost characters and halves', async () => {
    expect(await rulesOf(chat('Which?', 'The caf\uFFFD is open.'))).toContain('replacement-character');
    expect(await rulesOf(chat('Which?', 'A torn \uD83D one.'))).toContain('half-character');
  });
});

describe('tokens', () => {
  const several = row([user('ab'), assistant('cde', { weight: 0 }), user('f'), assistant('ghij')]);

  it('counts texts and what services add around turns, 3 a turn and 3 for the answer', async () => {
    const { tokens } = await checkRows([several], { tokens: characters });
    expect(tokens).toMatchObject({ total: 2 + 3 + 1 + 4 + 4 * 3 + 3, answers: 7, estimated: false, tokenizer: 'characters' });
  });

  it('tells which answers each trainer learns', async () => {
    const { tokens, findings } = await checkRows([several], { tokens: characters });
    const of = (trainer: string, setting: string) =>
      (tokens['learnt'] as { trainer: string; setting: string; tokens: number }[]).find(
        (each) => each.trainer === trainer && each.setting.startsWith(setting),
      )?.tokens;
    expect(of('OpenAI', 'always')).toBe(4);
    expect(of('TRL', 'assistant_only_loss')).toBe(7);
    expect(of('MLX-LM', '--mask-prompt')).toBe(4);
    expect(of('MLX-LM', 'default')).toBe(25);
    expect(findings.find(({ rule }) => rule === 'trainers-disagree')).toMatchObject({ severity: 'info', rows: [1] });
  });

  it('learns the same of a row with one answer, whoever trains', () => {
    const turns = [user('ab'), assistant('cde')];
    const rendered = renderRow(turns, characters);
    const masks = trainerPolicies.filter(({ learns }) => learns !== 'everything').map((policy) => learntPieces(rendered, turns, policy));
    for (const mask of masks) expect(mask).toEqual([false, false, false, true, false]);
  });

  it('falls back on turns where the template refuses a row', () => {
    const render = () => {
      throw new TypeError('no such role');
    };
    expect(renderRow([user('ab'), assistant('c')], { ...characters, render })).toMatchObject({ template: false });
  });

  it('finds rows that the model cannot read whole', async () => {
    const rows = [chat('short', 'one'), { ...chat('x'.repeat(90), 'long'), line: 2 }];
    const document = await checkRows(rows, { tokens: characters, options: { context: 60 } });
    expect(findingOf(document, 'longer-than-context')).toMatchObject({ severity: 'error', rows: [2] });
    const estimated = await checkRows(rows, { options: { context: 30 } });
    expect(findingOf(estimated, 'longer-than-context')).toMatchObject({ severity: 'warning', rows: [2] });
  });
});

describe('limits of services', () => {
  it('holds a file against those that are named, and no others', async () => {
    const few = cleanRows(5, 1, 'sentences');
    expect(findingOf(await checkRows(few), 'vendor-too-few-rows')).toBeUndefined();
    const document = await checkRows(few, { options: { vendors: ['openai', 'fireworks'] } });
    const about = document.findings.filter(({ rule }) => rule === 'vendor-too-few-rows').map(({ message }) => message);
    expect(about).toHaveLength(2);
    for (const message of about) expect(message).toMatch(/^OpenAI.* no fewer than 10 rows; the file has 5\. Source: .* read 2026-11-21/);
  });

  it('sees an order that Together refuses, and a role that Mistral does not know', async () => {
    const odd = row([{ role: 'developer', content: 'Be brief.' }, user('Who?'), user('When?'), assistant('Me.')]);
    const document = await checkRows([odd], { options: { vendors: ['together', 'mistral', 'nowhere'] } });
    expect(document.findings.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['vendor-turn-order', 'vendor-role', 'vendor-unknown']),
    );
  });

  it('counts tokens of a row', async () => {
    const document = await checkRows([chat('x'.repeat(5000), 'y')], { tokens: characters, options: { vendors: ['bedrock'] } });
    expect(findingOf(document, 'vendor-row-too-long')?.rows).toEqual([1]);
  });
});
