import type { ExitCode } from '#core/errors.ts';
import { figureText } from '#verdict/figures.ts';
import type { CheckedTrigger } from '#verdict/record-check.ts';
import { proseLines } from './record-prose.ts';
import type { RegisteredCheck } from './record-registered.ts';
import { type Line, renderLine, type Style } from './terminal/styled-line.ts';

/** What a check found: the document of `record check --json`. */
export interface DecisionCheck {
  readonly schema: 'rung.check/1';
  readonly task: string;
  readonly chosen: string | null;
  readonly exit: ExitCode;
  readonly registered: readonly RegisteredCheck[];
  readonly triggers: readonly CheckedTrigger[];
  /** Figures that were given and that no trigger looks at. */
  readonly unused: readonly string[];
}

const registeredMarks: Readonly<Record<RegisteredCheck['status'], { readonly mark: string; readonly style: Style }>> = {
  same: { mark: '✓', style: 'green' },
  differs: { mark: '✗', style: 'red' },
  'not-checked': { mark: '-', style: 'gray' },
};

/** A check for a terminal: whether the decision stands, what was registered, and every trigger. Ends with a line feed. */
export function formatCheck(check: DecisionCheck, { color, width }: { color: boolean; width: number }): string {
  const columns = Math.max(40, Math.min(width, 160));
  const { registered, triggers, unused } = check;
  const fired = triggers.filter((trigger) => trigger.fired);
  const quiet = triggers.filter((trigger) => !trigger.fired && trigger.missing === undefined);
  const open = triggers.filter((trigger) => trigger.missing);
  const lines: Line[] = [
    ...proseLines(outcome(check, fired.length), columns, '', 'bold'),
    [],
    ...registered.flatMap(({ what, status, why }) => {
      const { mark, style } = registeredMarks[status];
      return proseLines(`${what}: ${status === 'not-checked' ? `not checked, ${why}` : why}`, columns, `${mark} `, style);
    }),
    ...(triggers.length === 0 ? [] : [[]]),
    ...fired.flatMap((trigger) => proseLines(`${triggerText(trigger)}: ${trigger.then}`, columns, '! ', 'yellow')),
    ...quiet.flatMap((trigger) => proseLines(triggerText(trigger), columns, '✓ ', 'green')),
    ...open.flatMap(({ when, figure, value }) =>
      proseLines(`${when} (${figureText(figure, value)} when decided): not checked, supply --set ${figure}=…`, columns, '- ', 'gray'),
    ),
    ...(unused.length === 0 ? [] : [[], ...proseLines(`No trigger looks at ${unused.join(', ')}.`, columns)]),
  ];
  return `${lines.map((line) => renderLine(line, { columns, color })).join('\n')}\n`;
}

function outcome({ task, chosen, registered }: DecisionCheck, fired: number): string {
  const what = chosen === null ? `The open decision of ${task}` : `The decision for ${chosen} (${task})`;
  const differing = registered.filter(({ status }) => status === 'differs');
  const isMeant = differing.some(({ what: thing }) => thing !== 'candidate') ? ', with --register where the change is meant' : '';
  const triggers = fired === 1 ? 'a trigger fired' : `${fired} triggers fired`;
  if (differing.length > 0) return `${what} is not about what is here now${fired === 0 ? '' : `, and ${triggers}`}: climb again${isMeant}.`;
  return fired === 0 ? `${what} stands.` : `${what} should be made again: ${triggers}.`;
}

function triggerText({ when, figure, value }: CheckedTrigger): string {
  return `${when} (now ${figureText(figure, value)})`;
}
