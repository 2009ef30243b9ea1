import { type GuardPart, type GuardResult, judgedParts } from '#core/guard.ts';
import type { Verdict, VerdictRung } from '#core/verdict.ts';
import { capital, count, markdownText, percent, rangeText } from './figures.ts';
import { list, section, table } from './record-table.ts';

const guardWords: Readonly<Record<GuardResult['status'], string>> = {
  passed: 'passed',
  failed: 'failed',
  undecided: 'undecided',
  skipped: 'not run',
};

/** What guards found of tuned rungs: a row per rung and guard, with interval and limit, and what to try. */
export function guardsSection({ rungs, criteria }: Verdict): string {
  const guarded = rungs.filter(({ guards = [] }) => guards.length > 0);
  if (guarded.length === 0) return '';
  const head = ['Rung', 'Guard', 'Outcome', 'Measure', 'Value', 'Limit', 'Keeps it back'];
  const rows = guarded.flatMap(({ rung, guards = [] }) =>
    guards.flatMap((guard) =>
      judgedParts(guard).map((part) => [
        markdownText(rung),
        guard.id,
        guardWords[part.status],
        markdownText(part.status === 'skipped' ? part.why : capital(part.measure ?? part.why)),
        markdownText(valueText(part)),
        part.limit === undefined ? '' : `at most ${percent(part.limit)}`,
        keepsBack({ ...part, blocks: guard.blocks }),
      ]),
    ),
  );
  const whys = guarded.flatMap(({ rung, guards = [] }) =>
    guards
      .filter(({ status }) => status === 'failed' || status === 'undecided')
      .map(({ id, why, suggestions = [] }) => {
        const tries = suggestions.length === 0 ? '' : ` To try: ${suggestions.join('; ')}.`;
        return markdownText(`${rung}, ${id}: ${why}${tries}`);
      }),
  );
  const note = `Intervals are at ${percent(criteria.confidence)}; a guard passes where its whole interval is within the limit. Methods: ${methodsText(guarded)}.`;
  return section('Guards', [table(head, rows), note, list(whys)].filter((part) => part !== '').join('\n\n'));
}

function valueText({ value, low, high, n }: GuardPart): string {
  if (value === undefined || low === undefined || high === undefined) return '';
  return `${percent(value)} (${rangeText({ low, high })}${n === undefined ? '' : `, n ${count(n)}`})`;
}

function keepsBack({ status, blocks }: Pick<GuardResult, 'status' | 'blocks'>): string {
  if (status === 'passed' || status === 'skipped') return 'no';
  return blocks ? '**yes**' : 'no, told only';
}

function methodsText(rungs: readonly VerdictRung[]): string {
  const users = new Map<string, Set<string>>();
  for (const guard of rungs.flatMap(({ guards = [] }) => guards)) {
    for (const { method } of judgedParts(guard))
      if (method !== undefined) users.set(method, (users.get(method) ?? new Set()).add(guard.id));
  }
  const used = [...users].map(([method, ids]) => `${[...ids].join(', ')}: ${method}`);
  return used.length === 0 ? 'none' : markdownText(used.join('; '));
}
