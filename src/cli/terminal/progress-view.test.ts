import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Estimate } from '#core/estimate.ts';
import type { EarlyStop } from '#core/evidence.ts';
import { createProgressView } from './progress-view.ts';

const esc = '\u001b';

function setting({
  isTty = true,
  environment = {},
  columns = 100,
  rows = 30,
}: {
  isTty?: boolean;
  environment?: Record<string, string>;
  columns?: number;
  rows?: number;
} = {}) {
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text), columns, rows };
  const clock = { now: 0 };
  const ticks: (() => void)[] = [];
  const exits: (() => void)[] = [];
  const view = createProgressView({
    stream,
    isTty,
    environment,
    now: () => clock.now,
    every: (_, callback) => {
      ticks.push(callback);
      return () => ticks.splice(ticks.indexOf(callback), 1);
    },
    onExit: (restore) => {
      exits.push(restore);
      return () => exits.splice(exits.indexOf(restore), 1);
    },
  });
  const tick = (milliseconds: number) => {
    clock.now += milliseconds;
    for (const callback of ticks) callback();
  };
  return {
    view,
    written,
    stream,
    clock,
    tick,
    ticks,
    exits,
    last: () => stripVTControlCharacters(written.at(-1) ?? ''),
    all: () => written.join(''),
  };
}

const estimate: Estimate = { value: 0.617, low: 0.528, high: 0.699, n: 120, method: 'wilson' };
const stopped: EarlyStop = { reason: 'misses-goal', rows: 100, of: 240, why: 'surely misses accuracy of at least 90 %' };
const plan = { type: 'plan', task: 'support', rungs: ['zero-shot', 'few-shot'].map((rung) => ({ rung, rows: 240 })) } as const;
const rows = (rung: string, done: number, failed = 0) =>
  ({ type: 'rows', rung, done, total: 240, failed, metric: 'accuracy', estimate }) as const;

/** What a terminal shows after these writes: cursor up, carriage return, erasing and line feeds are obeyed. */
function screenOf(text: string): string[] {
  const lines: string[] = [''];
  let [row, column] = [0, 0];
  for (const [piece] of text.matchAll(new RegExp(`${esc}\\[[?0-9;]*[A-Za-z]|\n|\r|[^${esc}\n\r]+`, 'g'))) {
    if (piece === '\n') [row, column] = [row + 1, 0];
    else if (piece === '\r') column = 0;
    else if (piece.endsWith('A') && piece.startsWith(esc)) row -= Number(piece.slice(2, -1));
    else if (piece === `${esc}[K`) lines[row] = (lines[row] ?? '').slice(0, column);
    else if (piece === `${esc}[J`) lines.splice(row, lines.length, (lines[row] ?? '').slice(0, column));
    else if (!piece.startsWith(esc)) {
      const line = lines[row] ?? '';
      lines[row] = line.slice(0, column).padEnd(column) + piece + line.slice(column + piece.length);
      column += piece.length;
    }
  }
  return lines.map((line) => line.trimEnd());
}

describe('the live view', () => {
  it('shows a line for each rung, in place, and what it took', () => {
    const { view, clock, all } = setting();
    view.listen(plan);
    clock.now = 1000;
    view.listen(rows('zero-shot', 0));
    clock.now = 3000;
    view.listen({ type: 'spent', dollars: 0.031, calls: 120, cached: 31, retries: 4 });
    view.listen(rows('zero-shot', 120, 2));
    clock.now = 3200;
    view.listen(rows('zero-shot', 132, 2));
    const shown = screenOf(all());
    expect(shown).toHaveLength(4);
    expect(shown[0]).toContain('support  0 of 2 rungs');
    expect(shown[1]).toMatch(/zero-shot {2}━+─+ 132\/240 {2}accuracy 61\.7 % \(52\.8–69\.9 %, n 120\) {2}2 failed/);
    expect(shown[2]).toMatch(/· few-shot {3}waiting/);
    // 132 rows in 2.2 s: 108 rows left and 240 to come at that pace
    expect(shown[3]).toContain('$0.031 spent · 120 calls · 31 cached · 4 retries · 3 s · about 6 s left + preparing');
  });

  it('says "-" for the time left while nothing is measured, and nothing of it at the end', () => {
    const { view, clock, tick, last } = setting();
    view.listen(plan);
    expect(last()).toContain('time left: -');
    clock.now = 500;
    view.listen({
      type: 'training',
      rung: 'zero-shot',
      event: { type: 'step', step: 1, totalSteps: 100, epoch: 0, trainLoss: 2, learningRate: 1, secondsLeft: 40 },
    });
    expect(last()).toContain('time left: -');
    for (const rung of ['zero-shot', 'few-shot']) view.listen({ type: 'rung-done', rung, candidate: 'c_1' });
    tick(200);
    expect(last()).not.toContain('left');
  });

  it('says that a rung was stopped, after how many rows and why, and counts none of its rows as left', () => {
    const { view, clock, last } = setting({ columns: 150 });
    view.listen(plan);
    view.listen(rows('zero-shot', 0));
    clock.now = 1000;
    view.listen(rows('zero-shot', 100));
    clock.now = 1200;
    view.listen({ type: 'rung-done', rung: 'zero-shot', candidate: 'c_1', stopped });
    expect(last()).toMatch(
      /✓ zero-shot {2}accuracy 61\.7 % \(52\.8–69\.9 %, n 120\) {2}1\.2 s {2}stopped after 100 of 240 rows: surely misses accuracy of at least 90 %/,
    );
    // only the 240 rows of few-shot are to come, at 100 rows a second
    expect(last()).toContain('about 3 s left + preparing');
  });

  it('counts no rows of a rung whose learning curve is measured, and ends with it', () => {
    const { view, clock, last } = setting();
    view.listen({ ...plan, rungs: [{ rung: 'distilled', rows: 240 }] });
    view.listen(rows('distilled', 0));
    clock.now = 1000;
    view.listen(rows('distilled', 240));
    view.listen({ type: 'rung-done', rung: 'distilled', candidate: 'c_1' });
    for (let done = 0; done <= 4; done++) {
      clock.now += 1000;
      view.listen({ type: 'prepare', rung: 'distilled', message: 'learning curve', done, total: 10 });
    }
    expect(last()).toContain('about 6 s left');
    expect(last()).not.toContain('+ preparing');
    clock.now += 1000;
    view.listen({ type: 'prepare', rung: 'distilled', message: 'learning curve measured', done: 10, total: 10 });
    expect(last()).toMatch(/1 of 1 rungs[\s\S]*✓ distilled/);
    expect(last()).not.toContain('left');
  });

  it('shows training by step, losses and metric', () => {
    const { view, clock, last } = setting();
    view.listen(plan);
    view.listen({
      type: 'training',
      rung: 'few-shot',
      event: { type: 'evaluation', step: 20, validationLoss: 0.518, metric: 0.88, best: true },
    });
    clock.now = 200;
    view.listen({
      type: 'training',
      rung: 'few-shot',
      event: { type: 'step', step: 84, totalSteps: 180, epoch: 1, trainLoss: 0.4123, learningRate: 1 },
    });
    expect(last()).toMatch(/step +84\/180 {2}loss 0\.412, validation 0\.518, metric 88\.0 %/);
  });

  it('draws at most ten times a second, however many events come', () => {
    const { view, clock, written } = setting();
    view.listen(plan);
    const before = written.length;
    for (let done = 0; done < 1000; done++) {
      clock.now += 1;
      view.listen(rows('zero-shot', done % 240));
    }
    expect(written.length - before).toBeLessThanOrEqual(10);
  });

  it('keeps warnings and notes above, and the rungs below', () => {
    const { view, clock, all } = setting();
    view.listen(plan);
    clock.now = 200;
    view.listen({ type: 'warning', message: 'the price is assumed' });
    view.note('a note');
    const shown = screenOf(all());
    expect(shown.slice(0, 2)).toEqual(['warning: the price is assumed', 'a note']);
    expect(shown).toHaveLength(6);
  });

  it.each([20, 40, 57, 80, 200])('never writes a line wider than %i columns', (columns) => {
    const { view, clock, written } = setting({ columns });
    view.listen({ ...plan, rungs: [...plan.rungs, { rung: '日本語の段 👩‍👩‍👧 with a long name', rows: 10 }] });
    clock.now = 200;
    view.listen({ type: 'prepare', rung: 'few-shot', message: '試す'.repeat(80), done: 1, total: 3 });
    for (const line of written.flatMap((text) => stripVTControlCharacters(text).split('\n')))
      expect(cells(line.replace('\r', ''))).toBeLessThan(columns);
  });

  it('fits a low terminal by leaving rungs out, never those at work', () => {
    const { view, clock, last } = setting({ rows: 6 });
    view.listen({ ...plan, rungs: Array.from({ length: 12 }, (_, index) => ({ rung: `rung-${index}`, rows: 5 })) });
    clock.now = 200;
    for (let index = 0; index < 7; index++) view.listen({ type: 'rung-done', rung: `rung-${index}`, candidate: 'c_1' });
    clock.now = 400;
    view.listen({ type: 'prepare', rung: 'rung-7', message: 'at work' });
    expect(last().split('\n').length).toBeLessThanOrEqual(5);
    expect(last()).toContain('at work');
    expect(last()).toContain('… 10 more rungs');
  });

  it('goes up over the rows that its lines take after the terminal became narrower', () => {
    const { view, stream, tick, written } = setting({ columns: 120 });
    view.listen({ ...plan, rungs: [{ rung: 'zero-shot', rows: 240 }] });
    tick(100);
    view.listen({ type: 'skipped', rung: 'zero-shot', why: 'x'.repeat(90) });
    tick(100);
    stream.columns = 60;
    tick(100);
    // heading 1 row, 112 columns of the rung now 2 rows, footer 1 row: the first of 4 is 3 up
    expect(written.at(-1)).toContain(`\r${esc}[3A`);
  });

  it('hides the cursor, and gives it back at the end and when the process is stopped', () => {
    const one = setting();
    one.view.listen(plan);
    expect(one.all()).toContain(`${esc}[?25l`);
    one.view.end('done');
    one.view.end('done again');
    expect(one.all().endsWith(`\n${esc}[?25hdone\n`)).toBe(true);
    expect([one.ticks, one.exits]).toEqual([[], []]);

    const other = setting();
    other.view.listen(plan);
    other.exits[0]!();
    expect(other.written.at(-1)).toBe(`${esc}[?25h`);
    other.tick(200);
    expect(other.written.at(-1)).not.toContain(`${esc}[?25l`);
  });

  it('lets no escape sequence from outside reach the terminal', () => {
    const { view, clock, all } = setting();
    view.listen({ ...plan, task: `${esc}]0;owned\u0007`, rungs: [{ rung: `a${esc}[2J\nb`, rows: 1 }] });
    clock.now = 200;
    view.listen({ type: 'warning', message: `${esc}[31mred\u202e` });
    view.note(`${esc}c`);
    expect(['\u0007', `${esc}]`, `${esc}[2J`, `${esc}c`, '\u202e'].filter((hidden) => all().includes(hidden))).toEqual([]);
    expect(all()).toContain('␛[31mred⟦U+202E⟧');
  });
});

describe('without a terminal to draw on', () => {
  it.each([
    ['no terminal', { isTty: false }],
    ['CI', { environment: { CI: 'true' } }],
    ['NO_COLOR', { environment: { NO_COLOR: '1' } }],
    ['a dumb terminal', { environment: { TERM: 'dumb' } }],
  ])('writes plain lines only: %s', (_, options) => {
    const { view, clock, tick, written, all } = setting(options);
    view.listen(plan);
    view.listen({ type: 'prepare', rung: 'zero-shot', message: 'writing the prompt' });
    for (let done = 0; done <= 240; done += 10) {
      clock.now += 100;
      view.listen(rows('zero-shot', done));
    }
    view.listen({ type: 'warning', message: 'careful' });
    view.listen({ type: 'rung-done', rung: 'zero-shot', candidate: 'c_1' });
    view.listen({ type: 'skipped', rung: 'few-shot', why: 'no training rows' });
    tick(60_000);
    view.end('finished');
    expect(all()).not.toContain(esc);
    expect(written).toEqual([
      'zero-shot: writing the prompt\n',
      'zero-shot: measuring 240 rows\n',
      'warning: careful\n',
      'zero-shot: 240 of 240 rows, accuracy 61.7 % (52.8–69.9 %, n 120), 2.5 s\n',
      'few-shot: skipped, no training rows\n',
      'finished\n',
    ]);
  });

  it('names each probe that comes after the rows, and how far it is', () => {
    const { view, written, tick } = setting({ isTty: false });
    view.listen(plan);
    view.listen(rows('zero-shot', 240));
    view.listen({ type: 'prepare', rung: 'zero-shot', message: 'probe drift', done: 1, total: 40 });
    view.listen({ type: 'prepare', rung: 'zero-shot', message: 'probe drift', done: 40, total: 40 });
    view.listen({ type: 'prepare', rung: 'zero-shot', message: 'probe jailbreak', done: 120, total: 400 });
    tick(60_000);
    view.listen({ type: 'rung-done', rung: 'zero-shot', candidate: 'c_1' });
    expect(written.map((line) => line.split(',', 2).join(','))).toEqual([
      'zero-shot: measuring 240 rows\n',
      'zero-shot: probe drift\n',
      'zero-shot: probe jailbreak\n',
      'zero-shot: probe jailbreak, 120 of 400 done',
      'zero-shot: 240 of 240 rows, accuracy 61.7 % (52.8–69.9 %',
    ]);
  });

  it('says once why a rung was stopped, and once that its learning curve was measured', () => {
    const { view, written } = setting({ isTty: false });
    view.listen({ ...plan, rungs: [{ rung: 'zero-shot', rows: 240 }] });
    view.listen(rows('zero-shot', 100));
    view.listen({ type: 'rung-done', rung: 'zero-shot', candidate: 'c_1', stopped });
    view.listen({ type: 'prepare', rung: 'zero-shot', message: 'learning curve: 15 training rows', done: 0, total: 2 });
    view.listen({ type: 'prepare', rung: 'zero-shot', message: 'learning curve measured', done: 2, total: 2 });
    expect(written.slice(1)).toEqual([
      'zero-shot: accuracy 61.7 % (52.8–69.9 %, n 120), 0 s, stopped after 100 of 240 rows: surely misses accuracy of at least 90 %\n',
      'zero-shot: learning curve: 15 training rows\n',
      'zero-shot: learning curve measured\n',
    ]);
  });

  it('says where it stands every ten seconds while nothing changes', () => {
    const { view, tick, written } = setting({ isTty: false });
    view.listen(plan);
    view.listen(rows('zero-shot', 0));
    for (let second = 1; second <= 25; second++) {
      tick(1000);
      view.listen(rows('zero-shot', second * 4, 1));
    }
    expect(written).toHaveLength(3);
    expect(written[1]).toBe(
      'zero-shot: 36 of 240 rows, accuracy 61.7 % (52.8–69.9 %, n 120), 1 failed, about 1 min 50 s left + preparing\n',
    );
  });
});

// Widths of the texts of these tests, counted apart from the code under test: ideographs and the family take two cells.
function cells(text: string): number {
  return [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)].reduce(
    (sum, { segment }) => sum + (/[\u3000-\u9fff👩]/u.test(segment) ? 2 : 1),
    0,
  );
}
