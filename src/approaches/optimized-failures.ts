import type { MeasuredRow } from '#core/approach.ts';
import { expectedText, textOf } from '#core/example.ts';
import { isJsonObject } from '#core/json.ts';
import type { Output } from '#core/output.ts';
import type { FailureMode } from './optimized-history.ts';
import { countWords, tellingWords } from './optimized-words.ts';

/** Rows that fail alike, with what is known of how. */
export interface Failure extends FailureMode {
  readonly kind: 'confusion' | 'field' | 'reason' | 'unreadable' | 'no-answer' | 'other';
  readonly examples: readonly MeasuredRow[];
  /** Of a confusion: what was expected and what was answered. */
  readonly pair?: { readonly expected: string; readonly answered: string };
  /** Of a field or a broken reason: its name. */
  readonly about?: string;
}

type Named = Pick<Failure, 'kind' | 'pair' | 'about' | 'name'>;

const shortest = 2;

/** Names the ways in which answers fell short of the best score, the commonest first. A row may fail in several. */
export function failuresOf(rows: readonly MeasuredRow[], output: Output): readonly Failure[] {
  const scored = rows.filter(({ score, answer }) => score !== null || answer === undefined);
  const groups = new Map<string, { named: Named; examples: MeasuredRow[] }>();
  const failed = scored.filter(isFailed);
  for (const row of failed) {
    for (const named of namesOf(row, output)) {
      const group = groups.get(named.name);
      if (group === undefined) groups.set(named.name, { named, examples: [row] });
      else group.examples.push(row);
    }
  }
  const found = [...groups.values()].map(
    ({ named, examples }): Failure => ({ ...named, rows: examples.length, of: scored.length, examples }),
  );
  return found.map((failure) => (failure.kind === 'other' ? byWords(failure, scored) : failure)).sort((a, b) => b.rows - a.rows);
}

export function isFailed({ score, answer }: MeasuredRow): boolean {
  return answer === undefined || (score !== null && score < 1);
}

function namesOf(row: MeasuredRow, output: Output): readonly Named[] {
  const { answer, example, reason } = row;
  if (answer === undefined) return [{ kind: 'no-answer', name: `no answer: ${reason ?? 'the reason is not known'}` }];
  if (answer.value === undefined) return [{ kind: 'unreadable', name: 'no answer of the asked form could be read' }];
  if (output.kind === 'labels' && typeof example.expected === 'string') {
    const pair = { expected: example.expected, answered: String(answer.value) };
    return [{ kind: 'confusion', name: `${pair.expected} read as ${pair.answered}`, pair }];
  }
  if (output.kind === 'json' && isJsonObject(example.expected)) {
    const answered = isJsonObject(answer.value) ? answer.value : {};
    const wrong = Object.entries(example.expected).filter(
      ([field, value]) => expectedText(value as never) !== expectedText((answered[field] ?? null) as never),
    );
    return wrong.map(([field]) => ({ kind: 'field', name: `wrong field: ${field}`, about: field }));
  }
  const reasons = reason?.replace(/^broken: /, '').split('; ') ?? [];
  if (reasons.length > 0) return reasons.map((each) => ({ kind: 'reason', name: `broken: ${each}`, about: each }));
  return [{ kind: 'other', name: 'fell short' }];
}

/** Failures that nothing else tells apart are named by the words that their questions share. */
function byWords(failure: Failure, scored: readonly MeasuredRow[]): Failure {
  const texts = failure.examples.map(({ example }) => textOf(example.input));
  const others = scored.filter((row) => !isFailed(row)).map(({ example }) => textOf(example.input));
  const words = failure.rows < shortest ? [] : tellingWords(countWords(texts), countWords(others), 3);
  return words.length === 0 ? failure : { ...failure, name: `fell short where the message says ${words.join(', ')}` };
}
