import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { rung } from '../../test/command-line.fixture.ts';

let folder: string;
const at = (name: string) => join(folder, name);
const put = async (name: string, rows: readonly unknown[]) => {
  await writeFile(at(name), rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n'));
  return at(name);
};
const chat = (question: string, ...answers: string[]) => ({
  messages: answers.flatMap((answer, index) => [
    { role: 'user', content: index === 0 ? question : 'And then?' },
    { role: 'assistant', content: answer },
  ]),
});
const teams = ['Billing looks after it.', 'Shipping looks after it.', 'Returns look after it.'];
const fine = Array.from({ length: 210 }, (_, index) =>
  chat(`Who looks after parcel number ${index} of ${index * 7} to ${index * 13 + 5}?`, teams[index % 3]!),
);
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await rung(['data', 'check', ...args, '--json']);
  return { code, stderr, document: JSON.parse(stdout) };
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-data-check-'));
  await put('fine.jsonl', fine);
  await put('bad.jsonl', [
    ...fine.slice(0, 40),
    chat('Is it open?', 'The cafÃ© is.'),
    chat('Is it?', ''),
    '{"messages": [',
    chat('Both?', 'One.', 'Two.'),
  ]);
});

describe('rung data check', () => {
  it('has the document of the contract and exits by its errors', async () => {
    const good = await json(at('fine.jsonl'));
    expect(good.document.findings.filter(({ severity }: { severity: string }) => severity === 'error')).toEqual([]);
    expect([good.code, good.document.ok, good.document.rows]).toEqual([0, true, 210]);
    const bad = await json(at('bad.jsonl'));
    expect([bad.code, bad.document.ok, bad.document.rows]).toEqual([2, false, 44]);
    for (const member of ['rows', 'ok', 'findings', 'scores', 'tokens', 'duplicates', 'leaks']) expect(bad.document).toHaveProperty(member);
    const empty = bad.document.findings.find(({ rule }: { rule: string }) => rule === 'empty-answer');
    expect(empty).toMatchObject({ severity: 'error', rows: [42], message: expect.any(String), fix: expect.any(String) });
    for (const score of Object.values(bad.document.scores)) expect(score).toSatisfy((value: number) => value >= 0 && value <= 1);
  });

  it('tells people the same', async () => {
    const { code, stdout } = await rung(['data', 'check', at('bad.jsonl')]);
    expect(code).toBe(2);
    expect(stdout).toContain('error  empty-answer\n  1 row teaches an empty answer. Row 42.');
    expect(stdout).toMatch(/representative ·+ {2}not measured/);
    expect(stdout).toMatch(/Training 3 epochs: [\d,]+ tokens/);
    expect(stdout).not.toContain('\u001b[');
  });

  it("counts with nano's tokenizer and template, and with OpenAI's encodings", async () => {
    const nano = await json(at('fine.jsonl'), '--model', 'nano');
    expect(nano.document.tokens).toMatchObject({ estimated: false, context: 1024, rowsByTemplate: 210 });
    const mini = await json(at('fine.jsonl'), '--model', 'openai/gpt-4o-mini');
    expect(mini.document.tokens).toMatchObject({ estimated: false, tokenizer: 'o200k_base' });
    const other = await json(at('fine.jsonl'), '--model', 'anthropic/claude-haiku-4-5');
    expect(other.document.tokens).toMatchObject({ estimated: true, tokenizer: '4 bytes a token' });
  });

  it('turns rules down and off, and refuses what is no setting', async () => {
    const { code, document } = await json(at('bad.jsonl'), '--rule', 'empty-answer=warning', '--rule', 'row-unreadable=off');
    expect([code, document.ok]).toEqual([0, true]);
    const misspelt = await rung(['data', 'check', at('bad.jsonl'), '--rule', 'empty-anser=off', '--rule', 'empty-answer=off']);
    expect(misspelt.stderr).toMatch(/^note: --rule empty-anser .*Did you mean empty-answer\?\n$/);
    const wrong = await rung(['data', 'check', at('bad.jsonl'), '--rule', 'empty-answer']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('is not a setting of a rule')]);
    const much = await rung(['data', 'check', at('bad.jsonl'), '--sample', '2']);
    expect([much.code, much.stderr]).toEqual([2, expect.stringContaining('is not a share of the rows')]);
  });

  it('prices training by tokens and epochs, with source and day', async () => {
    const { document } = await json(at('fine.jsonl'), '--model', 'openai/gpt-4o-mini', '--epochs', '2');
    const mini = document.estimates.find(({ model }: { model: string }) => model === 'openai/gpt-4o-mini');
    expect(mini).toMatchObject({ tokens: document.tokens.total * 2, epochs: 2, source: expect.any(String), asOf: expect.any(String) });
    expect(mini.dollars).toBeCloseTo((document.tokens.total * 2 * mini.perMillion) / 1e6, 6);
    const unknown = document.estimates.filter(({ dollars }: { dollars?: number }) => dollars === undefined);
    for (const estimate of unknown) expect(estimate).not.toHaveProperty('dollars');
  });

  it('gives a time for nano alone, as measured elsewhere', async () => {
    const { document } = await json(at('fine.jsonl'), '--model', 'nano', '--epochs', '2');
    const tokens = document.tokens.total * 2;
    expect(document.times.map(({ workers, seconds }: { workers: number; seconds: number }) => [workers, seconds])).toEqual([
      [1, expect.closeTo(tokens / 6_674, 1)],
      [2, expect.closeTo(tokens / 12_217, 1)],
    ]);
    expect(document.times[0]).toMatchObject({
      tokens,
      measuredWith: 'npm run bench -- nano',
      measuredOn: expect.stringMatching(/^another/),
    });
    const shown = (await rung(['data', 'check', at('fine.jsonl'), '--model', 'nano'])).stdout.replace(/\s+/g, ' ');
    expect(shown).toMatch(/Training nano takes about [\d.]+ s with 1 worker \(6,674 tokens a second\)/);
    const other = await json(at('fine.jsonl'), '--model', 'openai/gpt-4o-mini');
    expect(other.document.times).toEqual([]);
  });

  it('reads logs by a mapping, and does not mend them', async () => {
    await put('logs.jsonl', [
      { request: { prompt: 'Is it open?' }, reply: 'It is.' },
      { request: { prompt: 'Is it shut?' }, reply: '' },
    ]);
    const map = ['--map', 'input=request.prompt', '--map', 'output=reply'];
    const { document } = await json(at('logs.jsonl'), ...map);
    expect(document.findings).toContainEqual(expect.objectContaining({ rule: 'empty-answer', rows: [2] }));
    const mended = await rung(['data', 'check', at('logs.jsonl'), ...map, '--fix', '-o', at('logs-mended.jsonl')]);
    expect([mended.code, mended.stderr]).toEqual([2, expect.stringContaining('Convert them first')]);
  });

  it('says which file is missing', async () => {
    const { code, stderr } = await rung(['data', 'check', at('nothing.jsonl')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('nothing.jsonl')]);
  });
});

describe('--show-training', () => {
  it('marks what each trainer learns of a row', async () => {
    const { code, stdout } = await rung(['data', 'check', at('bad.jsonl'), '--show-training', '44', '--model', 'nano']);
    expect(code).toBe(0);
    const [, ...readings] = stdout.split(/\n\n/);
    const of = (trainer: string) => readings.find((reading) => reading.split('  ')[0]!.includes(trainer))!.replace(/\s+/g, ' ');
    expect(of('MLX-LM (--mask-prompt)')).toContain('One.<|end|><|user|> And then?<|end|><|assistant|>⟦ Two.<|end|>⟧');
    expect(of('OpenAI (always)')).toContain('⟦ One.<|end|>⟧<|user|> And then?<|end|><|assistant|>⟦ Two.<|end|>⟧');
  });

  it('gives the tokens one by one to scripts, and says where there is no row', async () => {
    const { document } = await json(at('bad.jsonl'), '--show-training', '44', '--model', 'nano');
    const pieces = document.pieces as { text: string; tokens: number; parts: string[] }[];
    for (const { text, tokens, parts } of pieces) expect([parts.length, parts.join('')]).toEqual([tokens, text]);
    const missing = await rung(['data', 'check', at('bad.jsonl'), '--show-training', '99']);
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('no row on line 99')]);
  });
});

/** Members that the schema of SARIF 2.1.0 requires of the objects used here (OASIS, sarif-schema-2.1.0.json). */
const sarifSchema = {
  type: 'object',
  required: ['version', 'runs'],
  properties: {
    version: { enum: ['2.1.0'] },
    runs: {
      type: 'array',
      items: {
        type: 'object',
        required: ['tool'],
        properties: {
          tool: {
            type: 'object',
            required: ['driver'],
            properties: {
              driver: {
                type: 'object',
                required: ['name'],
                properties: {
                  rules: {
                    type: 'array',
                    uniqueItems: true,
                    items: {
                      type: 'object',
                      required: ['id'],
                      properties: {
                        shortDescription: { type: 'object', required: ['text'] },
                        help: { type: 'object', required: ['text'] },
                        defaultConfiguration: { type: 'object', properties: { level: { enum: ['none', 'note', 'warning', 'error'] } } },
                      },
                    },
                  },
                },
              },
            },
          },
          columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
          results: {
            type: 'array',
            items: {
              type: 'object',
              required: ['message'],
              properties: {
                ruleIndex: { type: 'integer', minimum: -1 },
                level: { enum: ['none', 'note', 'warning', 'error'] },
                message: { type: 'object', required: ['text'] },
                locations: {
                  type: 'array',
                  items: {
                    type: 'object',
                    properties: {
                      physicalLocation: {
                        type: 'object',
                        required: ['artifactLocation'],
                        properties: { region: { type: 'object', properties: { startLine: { type: 'integer', minimum: 1 } } } },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

describe('--sarif and --report', () => {
  it('writes SARIF that fits its schema, with a place for every row', async () => {
    await rung(['data', 'check', at('bad.jsonl'), '--sarif', at('bad.sarif')]);
    const sarif = JSON.parse(await readFile(at('bad.sarif'), 'utf8'));
    const validate = new Ajv().compile(sarifSchema);
    expect([validate(sarif), validate.errors]).toEqual([true, null]);
    const [{ results, tool }] = sarif.runs;
    const empty = results.find(({ ruleId }: { ruleId: string }) => ruleId === 'empty-answer');
    expect(empty).toMatchObject({ level: 'error', locations: [{ physicalLocation: { region: { startLine: 42 } } }] });
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
  });

  it('writes a page', async () => {
    await rung(['data', 'check', at('bad.jsonl'), '--report', at('bad.html')]);
    expect(await readFile(at('bad.html'), 'utf8')).toContain('teaches an empty answer');
  });
});

describe('--fix and --undo', () => {
  it('writes another file, lists the changes and takes them back', async () => {
    const { document } = await json(at('bad.jsonl'), '--fix', '-o', at('mended.jsonl'));
    expect(document.mended).toMatchObject({ changesFile: at('mended.jsonl.changes.jsonl'), byRule: { mojibake: 1 } });
    expect(await readFile(at('mended.jsonl'), 'utf8')).toContain('The café is.');
    const undone = await rung(['data', 'check', at('mended.jsonl'), '--undo', at('mended.jsonl.changes.jsonl'), '-o', at('back.jsonl')]);
    expect(undone.code).toBe(0);
    expect(await readFile(at('back.jsonl'))).toEqual(await readFile(at('bad.jsonl')));
  });

  it('does not mend by a sample', async () => {
    const { code, stderr } = await rung(['data', 'check', at('bad.jsonl'), '--fix', '-o', at('part.jsonl'), '--sample', '0.5']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('not by a sample')]);
  });

  it('overwrites nothing unless told so', async () => {
    const before = await readFile(at('bad.jsonl'), 'utf8');
    for (const args of [['--fix'], ['--fix', '-o', at('bad.jsonl')]]) {
      const { code, stderr } = await rung(['data', 'check', at('bad.jsonl'), ...args]);
      expect([code, stderr]).toEqual([2, expect.stringContaining('--in-place')]);
    }
    expect(await readFile(at('bad.jsonl'), 'utf8')).toBe(before);
    await writeFile(at('copy.jsonl'), before);
    await rung(['data', 'check', at('copy.jsonl'), '--fix', '--in-place']);
    expect(await readFile(at('copy.jsonl'), 'utf8')).toContain('The café is.');
    expect(await readdir(folder)).toContain('copy.jsonl.changes.jsonl');
  });

  it('mends what is no file of lines into another one, and says what it left out', async () => {
    await writeFile(at('rows.json'), JSON.stringify([chat('Is it open?', 'The cafÃ© is.'), ...fine.slice(0, 20)]));
    const inPlace = await rung(['data', 'check', at('rows.json'), '--fix', '--in-place']);
    expect([inPlace.code, inPlace.stderr]).toEqual([2, expect.stringContaining('plain JSON lines')]);
    const { document } = await json(at('rows.json'), '--fix', '-o', at('rows-mended.json'));
    expect(document.mended).toMatchObject({ changes: 1, dropped: [] });
    expect(document.mended).not.toHaveProperty('changesFile');
    expect(JSON.parse(await readFile(at('rows-mended.json'), 'utf8'))[0].messages[1].content).toBe('The café is.');
  });
});
