import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import {
  count,
  dollars,
  estimateText,
  goalText,
  markdownText,
  milliseconds,
  percent,
  points,
  pointsRange,
  rangeText,
  scoreText,
} from './figures.ts';
import { decisionMarkdown } from './record.ts';
import { diffVerdicts } from './record-diff.ts';
import { parseVerdict } from './record-schema.ts';
import { formMetric, madeEvidence, madeTask, rightMetric, rightOf } from './verdict.fixture.ts';

const metrics = [rightMetric, formMetric];
const versions = { rung: '0.1.0', node: '24.0.0' };
const task = madeTask({ accuracy: '>= 0.9', latencyP95Ms: '<= 800' });
const evidence = madeEvidence([
  { rung: 'zero-shot', scores: { accuracy: rightOf(240, 400), format: rightOf(370, 400) } },
  { rung: 'few-shot', scores: { accuracy: rightOf(312, 400), format: rightOf(400, 400) }, cost: 300_000 },
  { rung: 'fine-tuned', scores: { accuracy: rightOf(377, 400), format: rightOf(400, 400) }, cost: 60_000, setup: 30e9, tuned: true },
  { rung: 'hybrid', scores: {}, skipped: 'needs | two\nmodels <script>' },
]);

describe('decisionMarkdown', () => {
  const verdict = decide(task, evidence, { metrics, versions });
  const markdown = decisionMarkdown(verdict, task);

  it('has every section, the chosen rung and its numbers with interval and n', () => {
    expect(markdown.match(/^## .*$/gm)).toEqual([
      '## The ladder',
      '## Goals',
      '## Costs',
      '## Plateau',
      '## Alternatives',
      '## Rules of thumb',
      '## What would change this',
      '## Assumptions',
      '## Criteria',
    ]);
    expect(markdown).toContain('fine-tuned (**chosen**)');
    expect(markdown).toContain('94.3 % (91.5–96.1 %, n 400)');
    expect(markdown).toContain('+18 points (+14.2 to +21.8 points, p < 0.001, n 400)');
    expect(markdown).toMatch(
      /\| Accuracy of at least 90 % \| not met \([\d.]+ % to [\d.]+ %\) \| not met \(.*?\) \| met \(9[\d.]+ % to 9[\d.]+ %\) \|/,
    );
    expect(markdown).toMatch(/\| zero-shot \| it misses accuracy of at least 90 %: 60 % .* \| 30 points more accuracy \|/);
    expect(markdown).toContain('| few-shot | fine-tuned | 125,000 | 125,000 to 125,000 |');
    expect(markdown).toContain('`accuracy < 0.9` (now 94.3 %)');
    expect(markdown).toContain('Rung 0.1.0, Node 24.0.0');
  });

  it('keeps its tables whole and outside text harmless', () => {
    expect(markdown).toContain('needs \\| two models &lt;script&gt;');
    const tables = markdown.split('\n\n').filter((block) => block.startsWith('|'));
    expect(tables.length).toBeGreaterThanOrEqual(4);
    for (const block of tables) {
      const widths = block.split('\n').map((line) => line.replaceAll('\\|', '').split('|').length);
      expect(new Set(widths).size).toBe(1);
    }
  });

  it('is written for a run without anything measured too', () => {
    const nothing = decide(madeTask(), madeEvidence([]), { metrics, versions });
    const text = decisionMarkdown(nothing, madeTask());
    expect(text).toContain('Nothing was measured');
    expect(text).toContain('Nothing was chosen');
    expect(text).not.toMatch(/NaN|undefined|null/);
  });
});

describe('parseVerdict', () => {
  const written = (value: unknown) => JSON.parse(JSON.stringify(value));

  it('reads back every verdict as it was written', () => {
    for (const made of [evidence, madeEvidence([])]) {
      const verdict = decide(task, made, { metrics, versions });
      const read = parseVerdict(written(verdict), 'decision.json');
      expect(read).toEqual(written(verdict));
      expect(diffVerdicts(read, verdict).same).toBe(true);
    }
  });

  it('names what does not fit', () => {
    const verdict = written(decide(task, evidence, { metrics, versions }));
    expect(() => parseVerdict({ ...verdict, rungs: [{ ...verdict.rungs[0], metrics: { accuracy: 0.9 } }] }, 'decision.json')).toThrow(
      /rungs\.0\.metrics\.accuracy/,
    );
    expect(() => parseVerdict('none', 'decision.json')).toThrow(/not a verdict document/);
  });
});

describe('figures', () => {
  it('have units, thousands and no needless digits', () => {
    expect([percent(0.9333), percent(1), percent(0.00049)]).toEqual(['93.3 %', '100 %', '0 %']);
    expect(count(277_778)).toBe('277,778');
    expect([dollars(0), dollars(0.1), dollars(0.12), dollars(0.0002025), dollars(1234.5)]).toEqual([
      '$0',
      '$0.10',
      '$0.12',
      '$0.000203',
      '$1,234.50',
    ]);
    expect([milliseconds(2.34), milliseconds(71.4), milliseconds(1234)]).toEqual(['2.3 ms', '71 ms', '1,234 ms']);
    expect([scoreText(0.5), scoreText(3.456)]).toEqual(['50 %', '3.46']);
    expect([points(0.082), points(-0.006), points(0), pointsRange({ low: -0.006, high: 0.011 })]).toEqual([
      '+8.2 points',
      '−0.6 points',
      '0 points',
      '−0.6 to +1.1 points',
    ]);
    expect(rangeText({ low: 3.1, high: 4.2 })).toBe('3.1–4.2');
    expect(rangeText({ low: -0.055, high: 0.101 })).toBe('−5.5 to 10.1 %');
    expect(estimateText({ value: 0.93, low: 0.89, high: 0.96, n: 2400, method: 'wilson' }, 0.95)).toBe(
      '93 % (95 % interval 89–96 %, n 2,400)',
    );
    expect(goalText({ measure: 'latencyP95Ms', operator: '<=', bound: 800 })).toBe('a 95th-percentile latency of at most 800 ms');
    expect(goalText({ measure: 'costPer1k', operator: '<=', bound: 0.5 })).toBe('a cost of at most $0.50 per 1,000 requests');
  });

  it('write outside text harmlessly', () => {
    expect(markdownText('a*b_c [x](y) <b> & `z` | #1\nnext')).toBe('a\\*b\\_c \\[x\\](y) &lt;b&gt; &amp; \\`z\\` \\| \\#1 next');
  });
});
