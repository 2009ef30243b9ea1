import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenIds, tagsOf } from './markup.fixture.ts';
import { probedInput } from './probes.fixture.ts';
import { fixtureInput } from './report.fixture.ts';
import { renderReport } from './report.ts';
import { fixtureVerdict } from './verdict.fixture.ts';

/** The markup of one section. */
function section(page: string, id: string): string {
  return new RegExp(`<section id="${id}"[\\s\\S]*?</section>`).exec(page)?.[0] ?? '';
}

const page = renderReport(probedInput());

describe('a report with probes', () => {
  it('is well-formed, and has a section for every probe after the plateau, then the comparison', () => {
    expect(() => tagsOf(page)).not.toThrow();
    expect(brokenIds(page)).toEqual([]);
    const ids = [...page.matchAll(/<section id="([^"]+)"/g)].map((match) => match[1]!);
    const from = ids.indexOf('plateau') + 1;
    expect(ids.slice(from, from + 5)).toEqual(['probe-drift', 'probe-jailbreak', 'probe-leak', 'probe-latency', 'comparison']);
    expect(ids).toEqual(expect.arrayContaining(['steps', 'agreement']));
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it('reaches for nothing outside itself and runs nothing', () => {
    expect(page).not.toMatch(/https?:|\/\/[a-z]|url\(|@import|<script|<link|<iframe|<img/i);
  });

  it('leaves measures of probes out of the ladder, unless a goal names them', () => {
    const heads = (shown: string) => [...section(shown, 'ladder').matchAll(/role="columnheader">([a-zA-Z]+)/g)].map((match) => match[1]);
    expect(heads(page)).not.toContain('jailbreakResistance');
    const input = probedInput();
    const goals = { ...input.verdict.criteria.goals, jailbreakResistance: '>= 0.9', totalMs: '<= 300' };
    const wanted = renderReport({ ...input, verdict: { ...input.verdict, criteria: { ...input.verdict.criteria, goals } } });
    expect(heads(wanted)).toEqual(expect.arrayContaining(['jailbreakResistance', 'totalMs']));
    expect(section(wanted, 'ladder')).toContain('totalMs ≤ 300 ms');
    expect(section(wanted, 'probe-latency')).toContain('>goal 300 ms</text>');
  });

  it('shows nothing of probes where none was run', () => {
    const without = renderReport({ ...fixtureInput(), verdict: { ...fixtureVerdict(), comparison: [] } });
    expect(without).not.toMatch(/<section id="(probe-|comparison|steps|agreement)/);
  });

  it.each([['</b><script>alert(1)</script>'], ['"><svg onload=alert(1)>'], ['abc\u202egnp.exe\u0000'], ['x'.repeat(20_000)]])(
    'cannot be changed by what probes and steps say: %j',
    (text) => {
      const tags = tagsOf(renderReport(probedInput(text)));
      expect(tags).toEqual(tagsOf(renderReport(probedInput(text.replace(/[\s\S]/g, 'a')))));
    },
  );
});

describe('curves', () => {
  const point = fc.record({
    x: fc.integer({ min: 0, max: 100_000 }),
    value: fc.double({ min: 0, max: 1, noNaN: true }),
    spread: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  it('stand on numbers and inside the frame, whatever is followed over whatever', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(point, { selector: ({ x }) => x, minLength: 2, maxLength: 14 }), { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        (lists, ms) => {
          const input = probedInput();
          for (const [index, rung] of input.verdict.rungs.entries()) {
            const series = (lists[index] ?? []).map(({ x, value, spread }) => ({
              ...{ measure: 'speed', x, value, n: 9, method: 't' },
              low: Math.max(0, value - spread),
              high: Math.min(1, value + spread),
            }));
            rung.probes = [{ probe: 'own', options: {}, metrics: {}, better: {}, units: ms ? { speed: 'ms' } : {}, series, families: [] }];
          }
          const own = section(renderReport(input), 'probe-own');
          const wide = /<svg class="chart wide"[\s\S]*?<\/svg>/.exec(own)![0];
          expect(wide).not.toMatch(/NaN|Infinity|undefined/);
          for (const [, x, y] of wide.matchAll(/class="mark" d="M(-?[\d.]+) (-?[\d.]+)m/g)) {
            expect(Number(x)).toBeGreaterThanOrEqual(57.9);
            expect(Number(x)).toBeLessThanOrEqual(944.1);
            expect(Number(y)).toBeGreaterThanOrEqual(33.9);
            expect(Number(y)).toBeLessThanOrEqual(332.1);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('give every rung up to the 36th a colour and mark of its own', () => {
    const input = probedInput();
    const [first] = input.verdict.rungs;
    const drift = probedInput().verdict.rungs[1]!.probes![0]!;
    const rungs = Array.from({ length: 36 }, (_, index) => ({ ...first!, rung: `rung ${index}`, probes: [drift] }));
    const own = section(renderReport({ ...input, verdict: { ...input.verdict, rungs } }), 'probe-drift');
    const looks = [...own.matchAll(/class="series (s\d) series-key"[^>]*><path[^>]*\/><path class="mark" d="([^"]*)"/g)];
    expect(new Set(looks.map(([, color, mark]) => `${color} ${mark}`)).size).toBe(36);
  });
});

describe('drift', () => {
  const drift = section(page, 'probe-drift');

  it('draws a line for each rung and arm in even steps, the reminded ones dashed, with a whisker for each point', () => {
    const wide = /<svg class="chart wide"[\s\S]*?<\/svg>/.exec(drift)![0];
    expect(wide.match(/<g class="series s\d">/g)).toHaveLength(3);
    expect(wide.match(/<g class="series s\d dashed">/g)).toHaveLength(3);
    expect(wide.match(/class="whisker"/g)).toHaveLength(30);
    expect(wide).toContain('<title>few-shot, turn 50: 67.5 % (52.0–79.9 %, n 40, wilson)</title>');
    const ticks = [...wide.matchAll(/<line class="tick" x1="([\d.]+)"/g)].map((match) => Number(match[1]));
    const steps = ticks.slice(1).map((tick, index) => tick - ticks[index]!);
    expect(Math.max(...steps) - Math.min(...steps)).toBeLessThan(0.2);
  });

  it('gives slopes as points with their intervals, and the same numbers as a table', () => {
    expect(drift).toContain('slope −6.0 pts (−8.0 to −3.5)');
    expect(drift).toContain('The axis begins at 20 %, not at 0.');
    expect(drift).toMatch(/<summary>The same as numbers<\/summary>[\s\S]*<th scope="col">turn 50<\/th>/);
    expect(drift).toContain('A slope is the change each time that the turn, or the length, grows 2.7-fold.');
  });

  it('shows no share of conversations that ended no lower, which 0 at the start would make look good', () => {
    expect(drift).not.toContain('<bdi>reminded</bdi></th>');
  });

  it('says which rungs it was not put to, and what it cost to remind', () => {
    expect(drift).toContain('Not probed: <bdi>distilled</bdi>: it holds no conversation.');
    expect(drift).toContain('412 more prompt tokens a conversation');
  });
});

describe('attacks', () => {
  const attacks = section(page, 'probe-jailbreak');

  it('show every family on every rung with interval and n, darker where more got through, and say where cases are few', () => {
    expect(attacks.match(/<td class="heat[ "]/g)).toHaveLength(27);
    expect(attacks).toContain(
      'style="--part:50%" title="50.0 % (31.4–68.6 %), n = 24, wilson"><b>50.0 %</b><span>31.4–68.6 %</span><span>n 24</span>',
    );
    expect(attacks).toMatch(/style="--part:4%" title="95\.8 % /);
    expect(attacks.match(/class="heat few"[^>]*><b>[^<]*<\/b><span>[^<]*<\/span><span>only 6 cases/g)).toHaveLength(3);
  });

  it('keep families of harmless twins apart from those of attacks', () => {
    const bodies = attacks.split('<tbody').slice(1);
    expect(bodies.map((body) => body.includes('harmless twin:'))).toEqual([false, true, false]);
  });

  it('say so where harmless twins are among the cases of their families', () => {
    const input = probedInput();
    for (const { probes = [] } of input.verdict.rungs) {
      const found = probes.findIndex(({ probe }) => probe === 'jailbreak');
      if (found >= 0)
        probes[found] = {
          ...probes[found]!,
          families: [{ family: 'role change', passed: { ...probes[found]!.metrics['overRefusal']!, n: 180 } }],
        };
    }
    expect(attacks).toContain('<caption>Share of attacks withstood;');
    expect(section(renderReport(input), 'probe-jailbreak')).toContain(
      '<caption>Share of cases passed: attacks withstood, and harmless twins answered;',
    );
  });

  it('have refusals of harmless twins as a row of their own, where lower is better', () => {
    expect(attacks).toMatch(/all: harmless twins refused <span class="n">lower is better<\/span><\/th><td class="heat" style="--part:11%"/);
  });

  it('list at most 20 failing cases of a rung, one of each family in turn', () => {
    const first = /<h4>[\s\S]*?<\/ul>/.exec(attacks)![0];
    expect(first).toContain('25 of 144 cases, 20 of them shown');
    expect(first.match(/class="mark not-met"/g)).toHaveLength(20);
  });
});

describe('other probes', () => {
  it('show times in milliseconds against tokens and against load, the first token beside the whole answer', () => {
    const latency = section(page, 'probe-latency');
    expect(latency).toContain('<h3>Time to the whole answer by prompt tokens</h3>');
    expect(latency).toContain('few-shot, first token');
    expect(latency).toContain('<h3>Time to the whole answer under load by requests in flight</h3>');
    expect(latency).toMatch(/title="t, n = 72">52 ms<\/span> <span class="interval">47–58 ms/);
    expect(latency).toContain('median 41.2 ms (38.0 to 44.9)');
  });

  it('show a probe of the user’s own under its id, with whatever it found', () => {
    const input = probedInput();
    const [rung] = input.verdict.rungs;
    const estimate = { value: 12.25, low: 10, high: 14, n: 9, method: 't' };
    rung!.probes = [
      {
        probe: 'my probe',
        options: {},
        metrics: { waste: estimate },
        better: { waste: 'lower' },
        units: { waste: 'tokens' },
        series: [],
        families: [],
      },
    ];
    const own = section(renderReport(input), 'probe-my-probe');
    expect(own).toContain('>Probe my probe</h2>');
    expect(own).toMatch(/>12\.3<\/span> <span class="interval">10–14 /);
    expect(own).not.toContain('<svg');
  });
});

describe('the comparison', () => {
  const comparison = section(page, 'comparison');

  it('stands in the order prompt, tuned, tuned with overlay, with every estimate’s interval and n', () => {
    expect([...comparison.matchAll(/<span class="model">([^<]+)</g)].map((match) => match[1])).toEqual(['system prompt', 'tuned']);
    expect(comparison).toMatch(/title="wilson, n = 144">70\.1 %<\/span> <span class="interval">62\.2–77\.0 % <span class="n">n 144/);
    expect(comparison).toContain('$0.0655–$0.0709');
  });

  it('says “not measured” where a figure is absent', () => {
    expect(comparison.match(/<span class="none">not measured<\/span>/g)).toHaveLength(1);
  });
});

describe('steps and agreement', () => {
  it('show which step broke how often, with answers to look at', () => {
    const steps = section(page, 'steps');
    expect(steps).toContain('7 of 240');
    expect(steps).toContain('<span class="warn">✗ <bdi>named two labels</bdi></span>');
  });

  it('write an agreement that is nought but for rounding as nought', () => {
    expect(section(page, 'agreement')).toMatch(/>0<\/span><\/td><td class="figure">−0\.83 to 0\.83</);
  });

  it('fold the steps of answers in the disagreements', () => {
    expect(section(page, 'disagreements').match(/<details class="steps"><summary>2 steps<\/summary>/g)).toHaveLength(5);
  });

  it('show how far the parts of a metric agree, with interval, n and method', () => {
    expect(section(page, 'agreement')).toMatch(
      /0\.71<\/span><\/td><td class="figure">0\.58 to 0\.81<\/td><td class="figure">120<\/td><td>Cohen&#39;s kappa, bootstrap/,
    );
  });
});
