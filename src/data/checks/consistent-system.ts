import { type DataFinding, defineDataCheck } from '#core/data-check.ts';
import { turnText } from '#core/data-row.ts';
import { sha256 } from '#core/json.ts';
import { readableText, rowsThat, ruleRows } from '#data/check-data-finding.ts';
import { rowNumbers } from '#data/check-data-numbers.ts';
import { redactedText } from './secrets-redact.ts';

const fewestRows = 20;
/** An instruction that this share of the rows has is the one meant for all. Ours. */
const dominant = 0.8;
/** Instructions of which more than this share are distinct hold each row's own context. Ours. */
const ownContext = 0.5;
const distinctPrompts = 20_000;
const shownPrompts = 5;

/** System prompts that drift between rows: a few rows with another instruction, or without one. */
export const consistentSystem = defineDataCheck({
  id: 'consistent-system',
  family: 'consistent',
  summary: 'one instruction: system prompts that differ between rows, or are missing in some',
  source:
    'thresholds ours: four fifths of the rows make a prompt the usual one; more than half distinct means each row has its own context',
  begin() {
    const lines = rowNumbers();
    const promptOf = rowNumbers();
    const prompts = new Map<string, { readonly number: number; readonly text: string; count: number }>();
    return {
      row(row) {
        const system = row.turns
          .filter(({ role }) => role === 'system' || role === 'developer')
          .map(turnText)
          .join('\n');
        const key = system.length > 200 ? sha256(system) : system;
        const full = prompts.size >= distinctPrompts;
        const prompt =
          prompts.get(key) ?? (full ? undefined : { number: prompts.size, text: redactedText(readableText(system)), count: 0 });
        lines.push(row.line);
        promptOf.push(prompt?.number ?? -1);
        if (prompt === undefined) return;
        prompt.count += 1;
        prompts.set(key, prompt);
      },
      end: () => driftFindings(lines.values(), promptOf.values(), [...prompts.values()]),
      figures: () => ({
        prompts: prompts.size,
        most: [...prompts.values()]
          .sort((a, b) => b.count - a.count)
          .slice(0, shownPrompts)
          .map(({ text, count }) => ({ text, rows: count })),
      }),
    };
  },
});

interface Prompt {
  readonly number: number;
  readonly text: string;
  readonly count: number;
}

function driftFindings(lines: Float64Array, promptOf: Float64Array, prompts: readonly Prompt[]): DataFinding[] {
  const rows = lines.length;
  const [none] = prompts.filter(({ text }) => text === '');
  if (rows < fewestRows || prompts.length < 2) return [];
  const [missing, others] = [ruleRows(), ruleRows()];
  const usual = prompts.reduce((most, prompt) => (prompt.count > most.count ? prompt : most));
  const mostHave = none !== undefined && none.count < rows / 2;
  const distinct = prompts.length > ownContext * rows || promptOf.includes(-1);
  promptOf.forEach((number, index) => {
    const line = lines[index]!;
    if (mostHave && number === none.number) missing.add(line, () => 'no system turn');
    else if (!distinct && usual.count >= dominant * rows && number !== usual.number)
      others.add(line, () => prompts[number]!.text || 'no system turn');
  });
  const several = !distinct && usual.count < dominant * rows && prompts.filter(({ text }) => text !== '').length > 1;
  const findings: (DataFinding | undefined)[] = [
    missing.finding({
      rule: 'system-missing',
      family: 'consistent',
      severity: 'warning',
      message: rowsThat(missing.count, `have no system turn where the others have one.`),
      fix: 'Add the one that the model will be asked with, or take it out everywhere.',
    }),
    others.finding({
      rule: 'system-drift',
      family: 'consistent',
      severity: 'warning',
      message: rowsThat(
        others.count,
        `have another system turn than the ${usual.count.toLocaleString('en')} with the usual one: ${JSON.stringify(usual.text || 'none')}.`,
      ),
      fix: 'Use one instruction for one task, the one that the model will be asked with.',
    }),
  ];
  if (several) findings.push(severalPrompts(prompts));
  return findings.filter((finding) => finding !== undefined);
}

function severalPrompts(prompts: readonly Prompt[]): DataFinding {
  const most = [...prompts].sort((a, b) => b.count - a.count);
  return {
    rule: 'system-several',
    family: 'consistent',
    severity: 'info',
    rows: [],
    count: prompts.reduce((sum, { count }) => sum + count, 0),
    message: `The rows have ${prompts.length.toLocaleString('en')} different system turns, none of them in most rows.`,
    fix: 'If these are several tasks on purpose, keep them; if it is one task, use one instruction.',
    examples: [],
    figures: { prompts: most.slice(0, shownPrompts).map(({ text, count }) => ({ text, rows: count })) },
  };
}
