import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DataRow } from '#core/data-row.ts';
import { secrets } from './secrets.ts';
import { entropyOf, masked } from './secrets-find.ts';
import { redactedRow, redactedText } from './secrets-redact.ts';
import { mapRowStrings } from './secrets-row.ts';

const input = { file: 'rows.jsonl', options: {}, seed: 1 };

function row(text: string, line = 1): DataRow {
  return {
    line,
    turns: [
      { role: 'user', content: 'What is it?' },
      { role: 'assistant', content: text },
    ],
  };
}

async function found(text: string): Promise<readonly string[]> {
  const pass = secrets.begin(input);
  pass.row(row(text));
  return (await pass.end()).map(({ rule }) => rule);
}

// Put together here, so that no scanner takes this file for a leak.
const body = 'q7Zx2Lm9Tb4Rk8Vw1Ns5Yd3Hc6Jf0PgAeUiXoKqSt2Bn8';
const openai = `sk-proj-${body}`;
const jwt = [{ alg: 'HS256' }, { sub: '7' }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

describe('secrets', () => {
  test.each([
    ['api-key', `use ${openai} for it`],
    ['api-key', `sk-ant-api03-${body}`],
    ['api-key', `AKIA${'QRSTUVWX234567AB'}`],
    ['api-key', `ghp_${body.slice(0, 36)}`],
    ['api-key', `"key":"AIza${body.slice(0, 35)}"`],
    ['api-key', `xoxb-${'2938475610'}-${'5647382910'}-${body.slice(0, 24)}`],
    ['api-key', `sk_live_${body.slice(0, 24)}`],
    ['private-key', `-----BEGIN PRIVATE KEY-----\n${body}\n${body}\n-----END PRIVATE KEY-----`],
    ['private-key', `-----BEGIN RSA PRIVATE KEY-----\n${body}\n${body}`],
    ['access-token', `Bearer ${jwt}.${body}`],
    ['password', 'postgres://shop:h7Gt2pQ9@db.internal/shop'],
    ['password', 'API_KEY="v8Kp2mX4qLw9Zt"'],
  ])('%s: %s', async (rule, text) => {
    expect(await found(text)).toContain(rule);
  });

  test.each([
    'sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    'sk-your-api-key-goes-here-please',
    'AKIAIOSFODNN7EXAMPLE',
    'postgres://user:password@localhost/db',
    'https://user:$PASSWORD@host/x',
    'The password is the one that you chose in 2024.',
    'password = get_password1(user)',
    'const apiKey = process.env.API_KEY_2;',
    'risk-management-and-such-long-words-joined',
    'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678 is the commit',
  ])('leaves alone: %s', async (text) => {
    expect(await found(text)).toEqual([]);
  });

  test('never shows what it found, in findings or fixes', async () => {
    const texts = [
      openai,
      `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`,
      'redis://a:h7Gt2pQ9xx@cache:1/0',
      `${jwt}.${body}`,
    ];
    const pass = secrets.begin(input);
    texts.forEach((text, index) => {
      pass.row(row(`It is ${text} and a card 5105 1051 0510 5100, all of it.`, index + 1));
    });
    const findings = await pass.end();
    const fixes = texts.map((text, index) => pass.mend?.(row(`It is ${text}.`, index + 1)));
    const shown = JSON.stringify([findings, fixes]);
    for (const secret of [body.slice(4), 'h7Gt2pQ9xx', '5105 1051 0510 5100', jwt.slice(4)]) expect(shown).not.toContain(secret);
    expect(findings.map(({ count }) => count)).toEqual([1, 1, 1, 1]);
    expect(fixes[0]?.row?.turns[1]?.content).toBe('It is [API KEY].');
    expect(fixes[0]?.what).toBe('replaced: OpenAI API key');
  });

  test('shows at most the first and the last two characters', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 80 }), (text) => {
        const shown = masked(text);
        expect(shown.replace('••••', '').length).toBeLessThanOrEqual(text.length < 12 ? 0 : 4);
      }),
    );
  });

  test('redaction is done when it is done, and leaves what it does not know', () => {
    const part = fc.oneof(fc.string(), fc.constantFrom(openai, 'anna@web.de', '+49 171 2345678', '5105105105105100', '81.20.3.4'));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const once = redactedText(parts.join(' '));
        expect(redactedText(once)).toBe(once);
      }),
    );
    expect(redactedText('anna@web.de or bob@example.com')).toBe('[EMAIL] or bob@example.com');
  });

  test('JSON stays JSON where a number is replaced, in calls of tools and in kept fields too', () => {
    const before: DataRow = {
      line: 1,
      turns: [
        { role: 'user', content: '{"card": 5105105105105100, "note": "mine"}' },
        { role: 'assistant', content: null, toolCalls: [{ name: 'pay', arguments: '{"card":5105105105105100}' }] },
      ],
      extra: { input: { card: 5105105105105100 }, count: 3 },
      id: 'anna@web.de',
    };
    const { row: after, kinds } = redactedRow(before) ?? { row: before, kinds: new Map() };
    expect(JSON.parse(String(after.turns[0]?.content))).toEqual({ card: '[CARD]', note: 'mine' });
    expect(after.turns[1]?.toolCalls?.[0]?.arguments).toBe('{"card":"[CARD]"}');
    expect(after.extra).toEqual({ input: { card: '[CARD]' }, count: 3 });
    expect(after.id).toBe('anna@web.de');
    expect(kinds.get('payment card number')).toBeGreaterThanOrEqual(3);
  });

  test('a row without anything stays the same', () => {
    expect(redactedRow(row('Nothing here.'))).toBeUndefined();
    const whole: DataRow = {
      ...row('a'),
      preference: { chosen: [{ role: 'assistant', content: [{ type: 'text', text: 'b' }] }], rejected: [] },
    };
    expect(mapRowStrings(whole, (text) => text)).toEqual(whole);
  });

  test('entropy is that of Shannon: log2 of k for k equal shares', () => {
    expect(entropyOf('aabbccdd')).toBeCloseTo(2, 12);
    expect(entropyOf('aaaa')).toBe(0);
  });
});
