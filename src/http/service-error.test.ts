import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quotable, replyError, retryAfterMs, transportError } from './service-error.ts';

const service = { name: 'openai/gpt-test', key: 'sk-secret-0123456789', keyVariable: 'OPENAI_API_KEY' };
const now = Date.parse('2026-01-02T03:04:05Z');

function errorFor(status: number, body: unknown, headers: Record<string, string> = {}) {
  return replyError({ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) }, service, now);
}

describe('kinds', () => {
  test.each([
    [401, {}, 'unauthorised', false],
    [403, {}, 'unauthorised', false],
    [408, {}, 'timeout', true],
    [429, {}, 'rate-limited', true],
    [429, { error: { message: 'You exceeded your current quota.', code: 'insufficient_quota' } }, 'rejected', false],
    [500, {}, 'overloaded', true],
    [503, '<html>busy</html>', 'overloaded', true],
    [529, {}, 'overloaded', true],
    [400, { error: { message: 'temperature is out of range' } }, 'rejected', false],
    [404, { error: 'model not found' }, 'rejected', false],
    [422, { detail: 'field required' }, 'rejected', false],
    [400, { error: { message: "This model's maximum context length is 8192 tokens." } }, 'context-exceeded', false],
    [400, { error: { message: 'x', code: 'context_length_exceeded' } }, 'context-exceeded', false],
  ])('status %i with %j is %s', (status, body, kind, retryable) => {
    expect(errorFor(status, body)).toMatchObject({ kind, retryable, status, code: `model-${kind}` });
  });

  test('an unknown model is a usage error', () => {
    expect(errorFor(404, {}).exitCode).toBe(2);
    expect(errorFor(400, {}).exitCode).toBe(1);
  });

  test.each([
    ['UND_ERR_HEADERS_TIMEOUT', false, 'timeout'],
    ['UND_ERR_BODY_TIMEOUT', true, 'timeout'],
    ['ECONNREFUSED', false, 'network'],
    ['ENOTFOUND', false, 'network'],
    ['UND_ERR_SOCKET', true, 'bad-response'],
  ])('a connection that fails with %s (answering: %s) is %s', (code, answering, kind) => {
    expect(transportError(Object.assign(new Error('x'), { code }), service, answering)).toMatchObject({ kind, retryable: true });
  });
});

describe('Retry-After', () => {
  test.each([
    [{ 'retry-after': '20' }, 20_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Fri, 02 Jan 2026 03:04:35 GMT' }, 30_000],
    [{ 'retry-after': 'Fri, 02 Jan 2026 03:04:00 GMT' }, 0],
    [{ 'retry-after': '20', 'retry-after-ms': '1500' }, 1500],
    [{ 'retry-after': '-3' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('%j', (headers, expected) => {
    expect(retryAfterMs(headers, now)).toBe(expected);
  });
});

describe('what a service says', () => {
  test('never shows the key, however the service repeats it', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 300 }),
        fc.string({ maxLength: 300 }),
        fc.constantFrom(400, 401, 403, 404, 429, 500),
        (before, after, status) => {
          const error = errorFor(status, { error: { message: `${before}${service.key}${after}` } });
          const shown = JSON.stringify([error.message, error.hint, error.stack, error.cause]);
          expect(shown).not.toContain(service.key);
          // Nor what is left of it where the text is cut.
          expect(shown).not.toContain('sk-secret');
        },
      ),
    );
  });

  test('never shows what signs a link', () => {
    expect(quotable('GET https://s3.test/a/b.tar?X-Sig=abc&y=1 failed, see "http://docs.test/a#b" or why?no', undefined)).toBe(
      'GET https://s3.test/a/b.tar?… failed, see "http://docs.test/a?…" or why?no',
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 50 }), fc.webPath(), fc.stringMatching(/^[\w=&%.-]{8,40}$/), (before, path, signature) => {
        fc.pre(!before.includes(signature) && !path.includes(signature));
        expect(errorFor(400, `${before} https://s3.test${path}?${signature}`).message).not.toContain(signature);
      }),
    );
  });

  test('is cut to 200 characters without control characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const shown = quotable(text, undefined);
        expect(Array.from(shown).length).toBeLessThanOrEqual(200);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
    expect(quotable('a\u001b[31mred\u202e\r\n b', undefined)).toBe('a [31mred b');
  });

  test('is left out where the key was refused, and the hint names the variable', () => {
    const error = errorFor(401, { error: { message: 'Incorrect API key provided: sk-sec***6789' } });
    expect(error.message).not.toContain('sk-');
    expect(error.hint).toContain('OPENAI_API_KEY');
  });

  test('is told where the key is known and may not do it, without parts of the key', () => {
    const message = 'The key sk-sec***6789 (sk-sec…) lacks the scope api.fine_tuning.jobs.write.';
    const error = errorFor(403, { error: { message } });
    expect(error).toMatchObject({ kind: 'unauthorised', hint: expect.stringContaining('what it is allowed to do') });
    expect(error.message).toContain('403: The key [key] [key] lacks the scope api.fine_tuning.jobs.write.');
  });
});
