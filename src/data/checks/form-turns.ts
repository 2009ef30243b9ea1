import { type DataFinding, defineDataCheck } from '#core/data-check.ts';
import { type DataRow, type DataTurn, turnText } from '#core/data-row.ts';
import { type RuleRows, readableText, rowsText, rowsThat, ruleRows } from '#data/check-data-finding.ts';
import { everyTurn } from './form-mend-turns.ts';

/** What may be wrong with the turns of a row. `fault` gives what a person reads, undefined where the row is right. */
interface TurnRule {
  readonly rule: string;
  readonly severity: DataFinding['severity'];
  fault(row: DataRow): string | undefined;
  readonly what: string;
  readonly fix: string;
}

const rules: readonly TurnRule[] = [
  {
    rule: 'no-turns',
    severity: 'error',
    fault: ({ turns, preference }) => (turns.length === 0 && preference === undefined ? 'no turns' : undefined),
    what: 'hold no conversation',
    fix: 'Take them out, or name the fields that hold the question and the answer.',
  },
  {
    rule: 'empty-answer',
    severity: 'error',
    fault: (row) => place(everyTurn(row), (turn) => turn.role === 'assistant' && isEmpty(turn), 'says nothing'),
    what: 'teach an empty answer',
    fix: 'Write the answer, or take the row out: a model learns to say nothing from it.',
  },
  {
    rule: 'empty-turn',
    severity: 'warning',
    fault: (row) => place(row.turns, (turn) => turn.role !== 'assistant' && turn.role !== 'tool' && isEmpty(turn), 'is empty'),
    what: 'have an empty turn of the user or the system',
    fix: 'Fill it, or take the turn out.',
  },
  {
    rule: 'system-not-first',
    severity: 'warning',
    fault: ({ turns }) =>
      place(turns, (turn, index) => isInstruction(turn) && turns.slice(0, index).some((earlier) => !isInstruction(earlier)), 'comes late'),
    what: 'have a system turn after the conversation has begun',
    fix: 'Move it to the start: Fireworks and Together refuse it elsewhere, and many chat templates fail on it.',
  },
  {
    rule: 'turn-order',
    severity: 'warning',
    fault: ({ turns, preference }) => outOfOrder(turns, preference !== undefined),
    what: 'do not go from user to assistant and back',
    fix: 'Join turns of one speaker, or add what is missing: Together refuses them, and some chat templates fail on them.',
  },
  {
    rule: 'answer-not-last',
    severity: 'warning',
    fault: ({ turns, preference }) =>
      preference === undefined && turns.at(-1)?.role !== 'assistant' && turns.some(({ role }) => role === 'assistant')
        ? `${turns.length} turns, the last by ${turns.at(-1)?.role}`
        : undefined,
    what: 'go on after their last answer',
    fix: 'Add the answer, or cut what follows the last one: nothing of it is learnt.',
  },
  {
    rule: 'weight-unfit',
    severity: 'error',
    fault: (row) =>
      place(everyTurn(row), ({ weight }) => weight !== undefined && weight !== 0 && weight !== 1, 'has a weight besides 0 and 1'),
    what: 'give a turn a weight besides 0 and 1',
    fix: 'Write 0 for what is shown and 1 for what is learnt: OpenAI, Together and Fireworks take no other.',
  },
  {
    rule: 'nothing-learnt',
    severity: 'error',
    fault: ({ turns, preference }) => {
      const answers = turns.filter(({ role }) => role === 'assistant');
      return preference === undefined && answers.length > 0 && answers.every(({ weight }) => weight === 0)
        ? 'weight 0 everywhere'
        : undefined;
    },
    what: 'have weight 0 on every answer',
    fix: 'Give the answer that should be learnt weight 1, or take the row out.',
  },
  {
    rule: 'preference-empty',
    severity: 'error',
    fault: ({ preference }) =>
      preference !== undefined && (preference.chosen.length === 0 || preference.rejected.length === 0) ? 'one side is missing' : undefined,
    what: 'lack one of the two answers to prefer between',
    fix: 'Add it, or take the row out.',
  },
  {
    rule: 'preference-equal',
    severity: 'error',
    fault: ({ preference }) =>
      preference !== undefined &&
      preference.chosen.length > 0 &&
      textOf(preference.chosen) === textOf(preference.rejected) &&
      textOf(preference.chosen) !== ''
        ? readableText(textOf(preference.chosen))
        : undefined,
    what: 'prefer an answer to itself',
    fix: 'Take them out: nothing can be learnt from a pair of equals.',
  },
];

/** Turns: roles, their order, and whether there is anything to learn. */
export const formTurns = defineDataCheck({
  id: 'form-turns',
  family: 'form',
  summary: 'empty or missing turns, roles and their order, weights',
  source:
    'OpenAI cookbook, "Data preparation and analysis for chat model fine-tuning"; docs.together.ai/docs/fine-tuning/data-preparation; docs.fireworks.ai/fine-tuning/fine-tuning-models',
  begin() {
    const found = new Map<string, RuleRows>(rules.map(({ rule }) => [rule, ruleRows()]));
    const unanswered = ruleRows();
    let rows = 0;
    return {
      row(row) {
        rows += 1;
        for (const { rule, fault } of rules) {
          const text = fault(row);
          if (text !== undefined) found.get(rule)!.add(row.line, () => text);
        }
        if (row.turns.length > 0 && row.preference === undefined && !row.turns.some(({ role }) => role === 'assistant'))
          unanswered.add(row.line, () => turnText(row.turns.at(-1)!));
      },
      end() {
        const findings = rules.map(({ rule, severity, what, fix }) => {
          const hits = found.get(rule)!;
          return hits.finding({ rule, family: 'form', severity, message: `${rowsThat(hits.count, what)}.`, fix });
        });
        return [...findings, unansweredFinding(unanswered, rows)].filter((finding) => finding !== undefined);
      },
    };
  },
});

function unansweredFinding(unanswered: RuleRows, rows: number): DataFinding | undefined {
  const whole = unanswered.count === rows;
  return unanswered.finding({
    rule: 'no-answer',
    family: 'form',
    severity: whole ? 'warning' : 'error',
    message: whole
      ? 'No row has an answer: these are questions, for evaluation or for reinforcement by a grader, not for supervised training.'
      : `${rowsText(unanswered.count)} of ${rows.toLocaleString('en')} have no turn of the assistant.`,
    fix: 'Add the answers, or take these rows out.',
  });
}

function isEmpty(turn: DataTurn): boolean {
  if ((turn.toolCalls?.length ?? 0) > 0) return false;
  // parts besides texts, as pictures, are content too
  if (Array.isArray(turn.content) && turn.content.some((part) => typeof part.text !== 'string')) return false;
  return turnText(turn).trim() === '';
}

function isInstruction({ role }: DataTurn): boolean {
  return role === 'system' || role === 'developer';
}

function place(turns: readonly DataTurn[], fits: (turn: DataTurn, index: number) => boolean, what: string): string | undefined {
  const index = turns.findIndex(fits);
  return index === -1 ? undefined : `turn ${index + 1} of ${turns.length} (${turns[index]!.role}) ${what}`;
}

function outOfOrder(turns: readonly DataTurn[], prompt: boolean): string | undefined {
  const spoken = turns.filter((turn) => !isInstruction(turn));
  if (spoken.length === 0) return undefined;
  if (spoken[0]!.role !== 'user') return `begins with the ${spoken[0]!.role}`;
  for (let index = 1; index < spoken.length; index += 1) {
    const [before, here] = [spoken[index - 1]!.role, spoken[index]!.role];
    if (before === here && here !== 'tool') return `two turns of the ${here} in a row`;
    if (here === 'user' && before === 'tool') return 'the user speaks before the result of a tool is answered';
  }
  return prompt && spoken.at(-1)!.role === 'assistant' ? 'what comes before the two answers ends in an answer' : undefined;
}

function textOf(turns: readonly DataTurn[]): string {
  return turns.map((turn) => `${turn.role}\n${turnText(turn)}\n${JSON.stringify(turn.toolCalls ?? [])}`).join('\n');
}
