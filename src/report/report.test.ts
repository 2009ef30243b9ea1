import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenIds, tagsOf } from './markup.fixture.ts';
import { fixtureInput } from './report.fixture.ts';
import { renderReport } from './report.ts';
import { fixtureFloor, fixtureVerdict, n } from './verdict.fixture.ts';

const sections =
  'ladder scatter break-even alternatives triggers plateau learning-curve labels disagreements repeats training prompts rules assumptions reasoning criteria warnings spent'.split(
    ' ',
  );

describe('renderReport', () => {
  const page = renderReport(fixtureInput());

  it('is well-formed, and every section is there in order', () => {
    expect(() => tagsOf(page)).not.toThrow();
    expect([...page.matchAll(/<section id="([^"]+)"/g)].map((match) => match[1])).toEqual(sections);
  });

  it('reaches for nothing outside itself and runs nothing', () => {
    expect(page).not.toMatch(/https?:|\/\/[a-z]|url\(|@import|<script|<link|<iframe|<img/i);
    expect(tagsOf(page).join('\n')).not.toMatch(/\s(on[a-z]+|src|srcset|action)(\s|$)/);
    expect([...page.matchAll(/href="([^"]*)"/g)].every((match) => match[1]!.startsWith('#'))).toBe(true);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:`);
  });

  it('has an element for every id that something points at, and no id twice', () => {
    expect(brokenIds(page)).toEqual([]);
  });

  it('shows a number with its interval, n and method', () => {
    expect(page).toContain('94.2 %');
    expect(page).toContain('90.4–96.5 %');
    expect(page).toContain('title="wilson, n = 240"');
    expect(page).toContain('accuracy, format: wilson');
    expect(page).toContain('p &lt; 0.001');
  });

  it('shows what a rung gains with what it costs more and how much slower it is, row by row', () => {
    const input = fixtureInput();
    const gain = input.verdict.rungs[2]!.gain!;
    gain.costPer1k = { value: 0.0431, low: 0.042, high: 0.0442, n, method: 't' };
    gain.latencyMs = { value: 35, low: 31, high: 39.4, n, method: 'woodruff' };
    const shown = renderReport(input);
    expect(shown).toContain('title="t, n = 240">cost +$0.0431 <span class="n">+$0.042 to +$0.0442</span>');
    expect(shown).toContain('title="woodruff, n = 240">latency +35 ms <span class="n">+31 to +39 ms</span>');
    expect(shown).toContain('difference in latency: woodruff');
  });

  it('marks the chosen rung once in the table, and says why a rung was skipped', () => {
    expect(page.match(/class="is-chosen"/g)).toHaveLength(1);
    expect(page).toContain('Skipped: needs a second model, and the task names only base');
  });

  it('shows what was stopped early and why, and every goal with the bounds it was judged by', () => {
    expect(page).toContain('100 of 240</span> <span class="stopped">stopped: surely misses accuracy of at least 90\u00a0%</span>');
    expect(page).toContain('140 of 1,200 rows were not asked');
    expect(page).toMatch(/title="accuracy ≥ 90 %: met; judged between \d+\.\d % and \d+\.\d %, n 240, wilson"/);
    expect(page).toContain('at most 1.08 ms, unbounded below, n 240, order statistics');
  });

  it('shows how surely the chosen rung is the cheapest, the signs, the rules, the alternatives and the reasoning', () => {
    expect(page).toContain('<dt>Chance it is the cheapest</dt><dd><strong>98.1 %</strong>');
    expect(page.match(/<span class="sign seen">/g)).toHaveLength(2);
    expect(page).toContain('1 of 3 disagrees with the measurement, which stands');
    expect(page).toContain('takes no side that was measured');
    expect(page).toContain('13.3 points more accuracy');
    expect(page).toMatch(/<summary><span class="n">6<\/span> Choose<\/summary>/);
    expect(page).toContain('3 of 3 right');
  });

  it('shows what an open verdict needs and what lies under the floor, where they are', () => {
    const why = 'About 312 more test rows would decide it.';
    const undecided = { rung: 'few-shot', rows: 312, dollars: 0.0213, why, meanwhile: null };
    const open = renderReport({ ...fixtureInput(), verdict: { ...fixtureVerdict(), undecided, floor: fixtureFloor() } });
    expect([...open.matchAll(/<section id="([^"]+)"/g)].map((match) => match[1]).slice(0, 3)).toEqual(['ladder', 'undecided', 'floor']);
    expect(open).toContain('<dd>about $0.0213</dd>');
    expect(open).toMatch(/billing<\/bdi><\/th><td><bdi>shipping<\/bdi><\/td><td class="figure">31</);
    expect(open).toMatch(/Every rung fails <b>88<\/b> of the 240 rows/);
    const none = renderReport({
      ...fixtureInput(),
      verdict: { ...fixtureVerdict(), undecided: { ...undecided, rows: null, dollars: null } },
    });
    expect(none).toContain('no reasonable number');
    const answers = [{ probe: 'jailbreak', more: 80 }];
    const probes = renderReport({
      ...fixtureInput(),
      verdict: { ...fixtureVerdict(), undecided: { ...undecided, rows: null, dollars: null, answers } },
    });
    expect(probes).toMatch(/more judged answers to the probe <bdi>jailbreak<\/bdi><\/dt><dd>about 80</);
    expect(probes).not.toContain('<dt>more test rows');
  });

  it('leaves out the end of an interval that too few rows bound', () => {
    const latencyP95Ms = { value: 93, low: 88, high: null, n: 40, method: 'order statistics' };
    const drawn = renderReport({ ...fixtureInput(), services: { 'few-shot': { latencyP95Ms } } });
    expect(drawn).toContain('p95 at least 88 ms');
  });

  it('gives every drawing a role, a title and a description', () => {
    const drawings = [...page.matchAll(/<svg class="chart[^>]*>/g)].map((match) => match[0]);
    expect(drawings).toHaveLength(6);
    expect(drawings.every((drawing) => drawing.includes('role="img"') && drawing.includes('aria-labelledby='))).toBe(true);
  });

  it('gives the same page for the same input', () => {
    expect(renderReport(fixtureInput())).toBe(page);
  });

  it('puts nothing where there is nothing: a prior without a single rung', () => {
    const nothing = { rungs: [], breakEven: [], triggers: [], warnings: [], alternatives: [], assumptions: [], reasoning: [], prior: [] };
    const plateau = { reached: false, at: null, signs: [], why: 'Nothing was measured.', looked: [] };
    const verdict = { ...fixtureVerdict(), ...nothing, plateau, status: 'prior' as const, chosen: null, learningCurve: null };
    const bare = renderReport({ verdict, task: fixtureInput().task });
    expect(() => tagsOf(bare)).not.toThrow();
    expect([...bare.matchAll(/<section id="([^"]+)"/g)].map((match) => match[1])).toEqual(['ladder', 'plateau', 'criteria', 'spent']);
    expect(bare).toContain('Rule of thumb');
    expect(bare).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('draws rungs whose costs are all zero, missing, or thousands of times apart', () => {
    for (const costs of [
      [0, 0, 0, 0, 0],
      [0, 0.001, 0.5, 40, 900],
      [undefined, undefined, undefined, undefined, 3],
      [5, 5, 5, 5, 5],
    ]) {
      const input = fixtureInput();
      for (const [index, cost] of costs.entries()) {
        const rung = input.verdict.rungs[index]!;
        if (cost === undefined) delete rung.costPer1k;
        else rung.costPer1k = cost;
      }
      const drawn = renderReport({ ...input, services: {} });
      expect(drawn).toContain('<section id="scatter"');
      expect(drawn).not.toMatch(/NaN|undefined|Infinity/);
    }
  });
});

const hostile = [
  '</script><img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  `' onmouseover='alert(1)`,
  '&lt;b&gt; &amp;amp; <!-- --> ]]>',
  '</title></style><style>*{display:none}</style>',
  `${'<b>'.repeat(4000)}`,
  'null\u0000 escape\u001b[31m bell\u0007',
  'abc\u202egnp.exe\u2066\u200b',
  '\ud800 lone \udc00',
  '{{7*7}} <%= 1 %> `x`',
];

// A harmless text of the same length and lines, which must give a page of the same shape.
const harmless = (text: string) => text.replace(/[^\n]/g, 'a');

describe('outside text', () => {
  it.each(hostile.map((text) => [text.slice(0, 40), text] as const))('cannot change the page: %j', (_, text) => {
    const texts = { input: text, label: text, answer: text, rung: text, said: text };
    const page = renderReport(fixtureInput(texts));
    expect(tagsOf(page)).toEqual(
      tagsOf(
        renderReport(
          fixtureInput({
            input: harmless(text),
            label: harmless(text),
            answer: harmless(text),
            rung: harmless(text),
            said: harmless(text),
          }),
        ),
      ),
    );
    expect(page).not.toMatch(/<img|<script|onload=alert\(1\)>/);
    expect(['\u202e', '\u2066', '\u0000', '\u001b'].filter((hidden) => page.includes(hidden))).toEqual([]);
    expect(page.isWellFormed()).toBe(true);
  });

  it('cannot change the page, whatever it is', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 }), fc.constantFrom(...hostile));
    fc.assert(
      fc.property(
        text.filter((each) => each.trim() !== ''),
        (value) => {
          const page = renderReport(fixtureInput({ input: value, answer: value, label: value, said: value }));
          const plain = harmless(value);
          expect(tagsOf(page)).toEqual(tagsOf(renderReport(fixtureInput({ input: plain, answer: plain, label: plain, said: plain }))));
        },
      ),
      { numRuns: 20 },
    );
  });

  it('shows what it hides', () => {
    const page = renderReport(fixtureInput({ input: 'abc\u202egnp.exe \u001b[31m' }));
    expect(page).toContain('abc⟦U+202E⟧gnp.exe ␛[31m');
  });

  it('is cut where no one reads on', () => {
    const page = renderReport(fixtureInput({ input: 'x'.repeat(10_000_000) }));
    expect(page.length).toBeLessThan(200_000);
    expect(page).toContain('9,994,000 more characters are not shown');
  });
});
