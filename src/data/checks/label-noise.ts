import { type DataCheckInput, type DataFinding, defineDataCheck } from '#core/data-check.ts';
import type { JsonObject } from '#core/json.ts';
import { lastAnswer, lastQuestion, readableText, ruleRows } from '#data/check-data-finding.ts';
import { rowShare } from '#data/check-data-share.ts';
import { confidentSuspects } from './label-noise-confident.ts';
import { foldsOf } from './label-noise-folds.ts';
import { nearLabels } from './labels-near.ts';
import { type RowSample, rowSample } from './labels-sample.ts';
import { declaredLabels, type LabelTally, labelTally } from './labels-tally.ts';
import { redactedText } from './secrets-redact.ts';

const foldCount = 5;
/** Rows that are judged at most: a minute or so of training. */
const mostRows = 20_000;
/** What a classifier reads of a question; the rest of a long one changes little. */
const readCharacters = 2000;
/** Fewer rows of a label than folds, and some fold would be judged without having seen it. */
const fewestOfLabel = foldCount;
const fewestRows = 50;
const mostLabels = 2000;

interface LabelledText {
  readonly text: string;
  readonly label: string;
  readonly group: string | undefined;
}

/** Labels that the rest of the data speaks against. */
export const labelNoise = defineDataCheck({
  id: 'label-noise',
  family: 'clean',
  summary: 'labels that a classifier trained on the other rows holds to be wrong',
  source: 'Northcutt, Jiang and Chuang 2021, Confident Learning, Journal of Artificial Intelligence Research 70:1373-1411',
  begin(input) {
    const tally = labelTally(declaredLabels(input));
    const sample = rowSample<LabelledText>(mostRows, input.seed);
    let figures: JsonObject | undefined;
    return {
      row(row) {
        tally.add(row);
        const label = lastAnswer(row);
        if (label === undefined || label.length > readCharacters) return;
        sample.add(row.line, () => ({ text: lastQuestion(row).slice(0, readCharacters), label, group: row.group }));
      },
      async end() {
        const judged = await judge(input, tally, sample);
        figures = judged?.figures;
        return judged?.finding === undefined ? [] : [judged.finding];
      },
      figures: () => figures,
    };
  },
});

interface Judged {
  readonly finding?: DataFinding | undefined;
  readonly figures: JsonObject;
}

async function judge(input: DataCheckInput, tally: LabelTally, sample: RowSample<LabelledText>): Promise<Judged | undefined> {
  const { heldOut, seed } = input;
  const labelled = tally.labelled();
  if (labelled === undefined || heldOut === undefined) return undefined;
  // one label written in two ways is one label
  const near = nearLabels(labelled, declaredLabels(input));
  const labelOf = (written: string) => near.get(written)?.label ?? written;
  const short = new Set(labelled.names);
  const often = Map.groupBy(
    sample.rows.filter(({ item }) => short.has(item.label)),
    ({ item }) => labelOf(item.label),
  );
  const names = [...often.keys()].filter((name) => often.get(name)!.length >= fewestOfLabel);
  const indices = new Map(names.map((name, index) => [name, index]));
  const rows = sample.rows.flatMap(({ line, item }) => {
    const label = indices.get(labelOf(item.label));
    return label === undefined || item.text.trim() === '' ? [] : [{ line, text: item.text, label, group: item.group }];
  });
  const about = { rows: rows.length, of: sample.seen, labels: names.length, rareLabels: often.size - names.length };
  const unfit =
    names.length < 2 ? 'fewer than two labels have five rows' : names.length > mostLabels ? `more than ${mostLabels} labels` : undefined;
  if (unfit !== undefined || rows.length < fewestRows) return { figures: { ...about, skipped: unfit ?? `fewer than ${fewestRows} rows` } };
  const labels = Int32Array.from(rows, ({ label }) => label);
  const folds = foldsOf(rows, foldCount);
  const probabilities = await heldOut({ texts: rows.map(({ text }) => text), labels, labelCount: names.length, folds, seed });
  const suspects = confidentSuspects(probabilities, labels, names.length);
  const agreement = rowShare(Math.round(suspects.accuracy * rows.length), rows.length, 'held-out agreement', true);
  const commonest = Math.max(...names.map((name) => often.get(name)!.length)) / rows.length;
  const measured = { ...about, agreement: suspects.accuracy, agreementLow: agreement.low ?? 0, agreementHigh: agreement.high ?? 1 };
  // Where the texts do not tell the labels apart, what the classifier says against a label is worth nothing.
  if ((agreement.low ?? 0) <= commonest) {
    return { figures: { ...measured, skipped: 'the texts tell the labels no better apart than always naming the commonest' } };
  }
  const found = ruleRows();
  const pairs = new Map<string, number>();
  for (const row of suspects.rows) {
    const { line, text, label } = rows[row]!;
    const [given, meant] = [names[label]!, names[suspects.suggested[row]!]!];
    const pair = `${given} → ${meant}`;
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    found.add(line, () => `${given}, rather ${meant}? ${readableText(redactedText(text))}`);
  }
  const share = rowShare(found.count, rows.length, 'confident learning', true);
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const read = sample.partial
    ? `of a sample of ${rows.length.toLocaleString('en')} of ${sample.seen.toLocaleString('en')} rows`
    : `of ${rows.length.toLocaleString('en')} rows`;
  const finding = found.finding({
    rule: 'label-noise',
    family: 'clean',
    severity: 'warning',
    message: `${found.count.toLocaleString('en')} ${read} (${percent(share.value)}, ${percent(share.low ?? 0)} to ${percent(share.high ?? 1)}) probably have a wrong label: a classifier trained on the other rows, which agrees with ${percent(suspects.accuracy)} of the labels, holds them to be unlikely. The least likely come first.`,
    fix: 'Look at these rows in this order and correct their labels; stop where most are right.',
    figures: { pairs: Object.fromEntries([...pairs].sort(([, a], [, b]) => b - a).slice(0, 30)) },
  });
  return { finding, figures: { ...measured, suspects: found.count } };
}
