import { type DataFinding, defineDataCheck } from '#core/data-check.ts';
import { isJsonObject } from '#core/json.ts';
import { lastAnswer, readableText, rowsThat, ruleRows } from '#data/check-data-finding.ts';
import { rowNumbers } from '#data/check-data-numbers.ts';

const kinds = ['JSON object', 'JSON list', 'broken JSON', 'text'] as const;
type Kind = (typeof kinds)[number];

/** A format that this share of the answers has is the format of the task. Ours. */
const dominant = 0.5;
/** A key is usual from this share of the objects on, and stray under its complement. Ours. */
const usualShare = 0.9;
const fewestAnswers = 20;
const distinctKeys = 5000;
const shownOfForm = 5;
/** Objects with more keys are tables of values and have no schema. */
const mostKeys = 200;
const longestKey = 100;

/** Answers that are JSON beside answers that are not, and objects whose keys or types differ from the usual ones. */
export const consistentFormat = defineDataCheck({
  id: 'consistent-format',
  family: 'consistent',
  summary: 'one format of answers: JSON or not, the same keys and types',
  source: 'RFC 8259 for JSON; thresholds ours: half of the answers make a format, nine tenths of the objects a usual key',
  begin() {
    const lines = rowNumbers();
    const kindOf = rowNumbers();
    const shapes = new Map<string, number>();
    const shapeOf = rowNumbers();
    const samples = new Map<number, string>();
    const sampled = new Map<string, number>();
    return {
      row(row) {
        const answer = lastAnswer(row);
        if (answer === undefined) return;
        const { kind, shape } = readAnswer(answer);
        lines.push(row.line);
        kindOf.push(kinds.indexOf(kind));
        shapeOf.push(shape === undefined ? -1 : shapeNumber(shapes, shape));
        // a few answers of every form: which form is the odd one is known only at the end
        const form = `${kind} ${shape ?? ''}`;
        const taken = sampled.get(form) ?? 0;
        if (taken >= shownOfForm || (taken === 0 && sampled.size >= distinctKeys)) return;
        sampled.set(form, taken + 1);
        samples.set(row.line, readableText(answer));
      },
      end() {
        if (lines.length < fewestAnswers) return [];
        const counts = kinds.map((_, index) => kindOf.values().reduce((sum, kind) => sum + (kind === index ? 1 : 0), 0));
        const shown = (line: number, more = '') => `${more}${samples.get(line) ?? `row ${line}`}`;
        const mixed = mixedFormats(lines.values(), kindOf.values(), counts, shown);
        return [...mixed, ...schemaDrift(lines.values(), shapeOf.values(), [...shapes.keys()], shown)];
      },
      figures: () => ({
        formats: Object.fromEntries(
          kinds.map((kind, index) => [kind, kindOf.values().reduce((sum, number) => sum + (number === index ? 1 : 0), 0)]),
        ),
        shapes: shapes.size,
      }),
    };
  },
});

function readAnswer(answer: string): { kind: Kind; shape?: string } {
  const text = answer.trim();
  const first = text[0];
  if (first !== '{' && first !== '[') return { kind: 'text' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // a text may begin with a bracket; what also ends with its partner was meant as JSON
    return { kind: text.endsWith(first === '{' ? '}' : ']') || /^[{[]\s*"/.test(text) ? 'broken JSON' : 'text' };
  }
  if (!isJsonObject(value)) return { kind: 'JSON list' };
  const entries = Object.entries(value);
  if (entries.length > mostKeys) return { kind: 'JSON object' };
  const members = entries.map(([key, member]) => `${JSON.stringify(key.slice(0, longestKey))}:${typeName(member)}`);
  return { kind: 'JSON object', shape: members.sort().join('\n') };
}

function typeName(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
}

function shapeNumber(shapes: Map<string, number>, shape: string): number {
  const known = shapes.get(shape);
  if (known !== undefined) return known;
  // more shapes than these are no schema: the rest counts as one
  const key = shapes.size < distinctKeys ? shape : '';
  const number = shapes.get(key) ?? shapes.size;
  shapes.set(key, number);
  return number;
}

type Shown = (line: number, more?: string) => string;

function mixedFormats(lines: Float64Array, kindOf: Float64Array, counts: readonly number[], shown: Shown): DataFinding[] {
  const json = counts[0]! + counts[1]! + counts[2]!;
  const usual = counts.indexOf(Math.max(...counts));
  const share = counts[usual]! / lines.length;
  const [broken, other] = [ruleRows(), ruleRows()];
  kindOf.forEach((kind, index) => {
    const line = lines[index]!;
    if (kinds[kind] === 'broken JSON') broken.add(line, () => shown(line));
    else if (kind !== usual && share > dominant) other.add(line, () => shown(line));
  });
  const whole = lines.length.toLocaleString('en');
  return [
    broken.finding({
      rule: 'answer-json-broken',
      family: 'consistent',
      severity: json > lines.length * dominant ? 'error' : 'warning',
      message: rowsThat(broken.count, `have an answer that begins as JSON and cannot be read as JSON.`),
      fix: 'Repair the answer: a model learns the broken form as well as the right one.',
    }),
    other.finding({
      rule: 'answer-format-mixed',
      family: 'consistent',
      severity: 'warning',
      message: rowsThat(
        other.count,
        `do not answer as ${counts[usual]!.toLocaleString('en')} of ${whole} do, with ${kinds[usual] === 'text' ? 'plain text' : `a ${kinds[usual]}`}.`,
      ),
      fix: 'Write all answers in one format, or train the two tasks apart.',
    }),
  ].filter((finding) => finding !== undefined);
}

/** Objects that lack a usual key, have a stray one, or a usual one with another type. */
function schemaDrift(lines: Float64Array, shapeOf: Float64Array, shapes: readonly string[], shown: Shown): DataFinding[] {
  const counts = new Float64Array(shapes.length);
  for (const shape of shapeOf) if (shape >= 0) counts[shape]! += 1;
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total < fewestAnswers) return [];
  const keys = new Map<string, number>();
  const typed = new Map<string, number>();
  const membersOf = shapes.map((shape) => (shape === '' ? [] : shape.split('\n')));
  membersOf.forEach((members, index) => {
    for (const member of members) {
      typed.set(member, (typed.get(member) ?? 0) + counts[index]!);
      keys.set(keyOf(member), (keys.get(keyOf(member)) ?? 0) + counts[index]!);
    }
  });
  const usual = [...keys].filter(([, count]) => count >= usualShare * total).map(([key]) => key);
  if (usual.length === 0) return [];
  const isStray = (member: string) => {
    const count = keys.get(keyOf(member))!;
    // null stands for a value that is missing, whatever its type
    if (count < (1 - usualShare) * total) return true;
    return count >= usualShare * total && !member.endsWith(':null') && typed.get(member)! < (1 - usualShare) * count;
  };
  const why = membersOf.map((members) => {
    const lacking = usual.find((key) => !members.some((member) => keyOf(member) === key));
    const stray = members.find(isStray);
    return lacking !== undefined
      ? `without ${lacking}: `
      : stray !== undefined
        ? `with ${stray.replace(/:(\w+)$/, ' as $1')}: `
        : undefined;
  });
  const drift = ruleRows();
  shapeOf.forEach((shape, index) => {
    const reason = shape < 0 ? undefined : why[shape];
    if (reason !== undefined) drift.add(lines[index]!, () => shown(lines[index]!, reason));
  });
  const finding = drift.finding({
    rule: 'answer-schema-drift',
    family: 'consistent',
    severity: 'warning',
    message: rowsThat(
      drift.count,
      `answer with an object that has other keys or types than the usual ones (${usual.slice(0, 8).join(', ')}).`,
    ),
    fix: 'Give all objects the same keys, with null where there is no value.',
    figures: { keys: Object.fromEntries([...keys].sort(([, a], [, b]) => b - a).slice(0, 30)) },
  });
  return finding === undefined ? [] : [finding];
}

function keyOf(member: string): string {
  return member.slice(0, member.lastIndexOf(':'));
}
