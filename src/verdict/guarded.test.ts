import { describe, expect, it } from 'vitest';
import type { GuardResult } from '#core/guard.ts';
import { decide } from './decide.ts';
import { earlyStop } from './early-stop.ts';
import { decisionMarkdown } from './record.ts';
import { parseVerdict } from './record-schema.ts';
import { type MadeCandidate, madeEvidence, madeTask, rightMetric, rightOf } from './verdict.fixture.ts';

const versions = { rung: '0.1.0', node: '24.0.0' };
const goals = { accuracy: '>= 0.9' };
const decided = (candidates: readonly MadeCandidate[], wanted: Readonly<Record<string, string>> = goals) =>
  decide(madeTask(wanted), madeEvidence(candidates), { metrics: [rightMetric], versions });

const forgot = (changes: Partial<GuardResult> = {}): GuardResult => ({
  ...{ id: 'forgetting', status: 'failed', measure: 'loss on general.jsonl', value: 0.12, low: 0.08, high: 0.16, n: 200 },
  ...{ method: 'newcombe paired', limit: 0.02, better: 'lower', blocks: true, why: 'The loss on general.jsonl is 12 points.' },
  ...{ suggestions: ['mix rows of general abilities', 'a smaller rank'], cases: [{ id: 'add', passed: false, reason: 'said billing' }] },
  ...changes,
});
const tuned = (guards: readonly GuardResult[], more: Partial<MadeCandidate> = {}): MadeCandidate => ({
  ...{ rung: 'fine-tuned', scores: { accuracy: rightOf(390, 400) }, cost: 10_000, tuned: true, guards },
  ...more,
});
const prompted: MadeCandidate = { rung: 'few-shot', scores: { accuracy: rightOf(385, 400) }, cost: 300_000 };
const weak: MadeCandidate = { rung: 'zero-shot', scores: { accuracy: rightOf(240, 400) }, cost: 5000 };

describe('a rung that a guard keeps back', () => {
  it('is not chosen though it is the cheapest that meets every goal, and the sentence says why', () => {
    expect(decided([prompted, tuned([forgot({ status: 'passed' })])]).chosen?.rung).toBe('fine-tuned');
    const verdict = decided([weak, prompted, tuned([forgot()])]);
    expect(verdict).toMatchObject({ status: 'met', chosen: { rung: 'few-shot' } });
    expect(verdict.sentence).toContain('fine-tuned reached 97.5 % and did not pass the guard forgetting (12 %, 8–16 %, limit 2 %)');
    const alternative = verdict.alternatives.find(({ rung }) => rung === 'fine-tuned');
    expect(alternative?.why).toBe('it did not pass the guard forgetting: The loss on general.jsonl is 12 points');
    expect(alternative?.needs).toBe('mix rows of general abilities; or a smaller rank');
    expect(verdict.reasoning.flatMap(({ lines }) => lines)).toContain(
      'fine-tuned, the guard forgetting: failed, which keeps it from being chosen. The loss on general.jsonl is 12 points.',
    );
  });

  it('leaves nothing to choose where no other rung will do', () => {
    const verdict = decided([weak, tuned([forgot(), forgot({ id: 'safety', status: 'passed' })])]);
    expect(verdict).toMatchObject({ status: 'not-met', chosen: null, undecided: null });
    expect(verdict.sentence).toMatch(
      /^No rung may be chosen: fine-tuned \(nano\): 97\.5 % accuracy .* meets every goal, but did not pass the guard forgetting .*; try mix rows/,
    );
  });

  it('leaves the verdict open where its guards are, and says what would decide', () => {
    const open = forgot({ status: 'undecided', suggestions: ['about 300 more questions'] });
    const verdict = decided([weak, tuned([open])]);
    expect(verdict).toMatchObject({ status: 'undecided', chosen: null, undecided: { rung: 'fine-tuned', rows: null } });
    expect(verdict.undecided?.why).toContain('To try: about 300 more questions.');
    expect(decided([weak, tuned([open, forgot({ id: 'safety' })])]).status).toBe('not-met');
  });

  it('is not chosen without goals either: the best of the others is', () => {
    const verdict = decided([weak, prompted, tuned([forgot()])], {});
    expect(verdict).toMatchObject({ status: 'met', chosen: { rung: 'few-shot' } });
    expect(verdict.sentence).toContain('did not pass the guard forgetting');
    const alone = decided([tuned([forgot()])], {});
    expect(alone).toMatchObject({ status: 'not-met', chosen: null });
    expect(alone.sentence).toContain('fine-tuned (nano)');
    expect(decided([tuned([])], {}).chosen?.rung).toBe('fine-tuned');
  });

  it('may be chosen where the guard only tells, with a warning', () => {
    const verdict = decided([prompted, tuned([forgot({ blocks: false })])]);
    expect(verdict.chosen?.rung).toBe('fine-tuned');
    expect(verdict.warnings.join()).toContain('fine-tuned did not pass the guard forgetting, which is told and does not keep it back');
  });

  it('ends no later rung for being cheaper', () => {
    const rows = madeEvidence([
      tuned([forgot()], { cost: 1000 }),
      { ...prompted, scores: { accuracy: Array.from({ length: 100 }, (_, row) => (row % 9 === 0 ? 0 : 1)) } },
    ]);
    const [first, second] = rows.candidates;
    const judged = (earlier: typeof first) =>
      earlyStop(madeTask(goals), [rightMetric], 2).judge({
        ...{ candidate: second!, earlier: [earlier!], examples: rows.examples, trainingRows: 100, rows: 100, of: 400 },
      })?.reason;
    expect(judged({ ...first!, guards: [] })).toBe('dominated');
    expect(judged(first)).not.toBe('dominated');
  });
});

describe('the record of a guarded rung', () => {
  const verdict = decided([
    prompted,
    tuned([forgot(), forgot({ id: 'parity', status: 'skipped', why: 'Not run: no samples.', blocks: false })]),
  ]);

  it('holds what guards found, without the answers that they quote, and is read again', () => {
    const guards = verdict.rungs[1]?.guards;
    expect(guards?.[0]).toMatchObject({ id: 'forgetting', status: 'failed', value: 0.12, limit: 0.02, blocks: true });
    expect(guards?.[0]).not.toHaveProperty('cases');
    expect(parseVerdict(JSON.parse(JSON.stringify(verdict)), 'decision.json')).toEqual(JSON.parse(JSON.stringify(verdict)));
  });

  it('is read where it was written before there were guards', () => {
    const old = JSON.parse(JSON.stringify(decided([prompted, tuned([])])));
    for (const rung of old.rungs) delete rung.guards;
    expect(() => parseVerdict(old, 'decision.json')).not.toThrow();
  });

  it('says in Markdown which guard, the value, its interval, the limit and what to try', () => {
    const text = decisionMarkdown(verdict, madeTask(goals));
    expect(text).toContain('## Guards');
    expect(text).toContain('| fine-tuned | forgetting | failed | Loss on general.jsonl | 12 % (8–16 %, n 200) | at most 2 % | **yes** |');
    expect(text).toContain('To try: mix rows of general abilities; a smaller rank.');
    expect(text).toContain('| fine-tuned | parity | not run |');
    expect(decisionMarkdown(decided([prompted]), madeTask(goals))).not.toContain('## Guards');
  });

  it('gives each thing that one guard judged a row of its own', () => {
    const part = { measure: 'exposure', value: 0.3, low: 0.2, high: 0.4, n: 20, limit: 0.5, method: 'bca bootstrap', why: 'Little.' };
    const parts = [
      { ...part, status: 'failed' as const, measure: 'secrets', value: 0.6, low: 0.55, high: 0.7 },
      { ...part, status: 'passed' as const },
    ];
    const both = decided([prompted, tuned([forgot({ id: 'memorisation', parts })])]);
    const text = decisionMarkdown(both, madeTask(goals));
    expect(text).toContain('| fine-tuned | memorisation | failed | Secrets | 60 % (55–70 %, n 20) | at most 50 % | **yes** |');
    expect(text).toContain('| fine-tuned | memorisation | passed | Exposure | 30 % (20–40 %, n 20) | at most 50 % | no |');
    expect(text).toContain('memorisation: bca bootstrap');
    expect(parseVerdict(JSON.parse(JSON.stringify(both)), 'decision.json').rungs[1]?.guards?.[0]?.parts).toHaveLength(2);
  });
});
