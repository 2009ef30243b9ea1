import { type DataCheckInput, type DataFinding, type DataScore, defineDataCheck } from '#core/data-check.ts';
import type { JsonObject } from '#core/json.ts';
import { lastQuestion, readableText } from '#data/check-data-finding.ts';
import { rowShare } from '#data/check-data-share.ts';
import { readDataFile } from '#data/read-data-file.ts';
import { isUnreadable } from '#data/unreadable-row.ts';
import { type FoldRow, foldsOf } from './label-noise-folds.ts';
import { type RowSample, rowSample } from './labels-sample.ts';
import { coverageOf } from './representative-coverage.ts';
import { missedRegions } from './representative-regions.ts';
import { type TellingWord, tellingWords, wordsOf } from './representative-words.ts';
import { redactedText } from './secrets-redact.ts';

/** Texts of each side at most: every text of traffic is compared with every row. */
const mostTexts = 4000;
const readCharacters = 2000;
const foldCount = 5;
const fewestTexts = 20;
/** The classifier is right this much more often than by chance before it is worth a word. Ours. */
const smallestGain = 0.02;
/** Traffic that is not covered beyond what chance gives. Ours. */
const smallestGap = 0.03;
/** Standard errors of a telling word: 4 leave fewer than one in ten thousand to chance. */
const tellingFrom = 4;
const shownWords = 12;

/** Whether the data looks like what production asks. Says nothing without a sample of traffic. */
export const representative = defineDataCheck({
  id: 'representative',
  family: 'representative',
  summary:
    'against a sample of traffic (--traffic): can a classifier tell the two apart, by which words, and what of the traffic the data misses',
  source:
    'Lopez-Paz and Oquab 2017, Revisiting Classifier Two-Sample Tests, ICLR, arXiv 1610.06545; Naeem et al. 2020, ICML, arXiv 2002.09797; Monroe et al. 2008, Political Analysis 16:372-403',
  begin(input) {
    const { traffic } = input.options;
    const sample = rowSample<FoldRow>(mostTexts, input.seed);
    let compared: Compared | undefined;
    return {
      row(row) {
        if (typeof traffic !== 'string') return;
        const text = lastQuestion(row).slice(0, readCharacters);
        if (text.trim() !== '') sample.add(row.line, () => ({ text, label: 0, group: row.group }));
      },
      async end() {
        if (typeof traffic !== 'string') return [];
        compared = await compare(input, sample, await trafficSample(traffic, input.seed));
        return compared.findings;
      },
      score: () => compared?.score,
      figures: () => compared?.figures,
    };
  },
});

interface Compared {
  readonly findings: readonly DataFinding[];
  readonly score?: DataScore;
  readonly figures: JsonObject;
}

async function trafficSample(file: string, seed: number): Promise<RowSample<FoldRow>> {
  const sample = rowSample<FoldRow>(mostTexts, seed + 1);
  for await (const row of (await readDataFile(file)).rows) {
    const text = isUnreadable(row) ? '' : lastQuestion(row).slice(0, readCharacters);
    if (text.trim() !== '') sample.add(row.line, () => ({ text, label: 1 }));
  }
  return sample;
}

async function compare(input: DataCheckInput, dataRows: RowSample<FoldRow>, trafficRows: RowSample<FoldRow>): Promise<Compared> {
  const counts = { data: dataRows.rows.length, traffic: trafficRows.rows.length, dataOf: dataRows.seen, trafficOf: trafficRows.seen };
  if (Math.min(counts.data, counts.traffic) < fewestTexts) {
    return {
      findings: [tooFew(counts.data, counts.traffic)],
      figures: { ...counts, skipped: `fewer than ${fewestTexts} texts on one side` },
    };
  }
  const texts = (sample: RowSample<FoldRow>) => sample.rows.map(({ item }) => item.text);
  const [dataTexts, trafficTexts] = [texts(dataRows), texts(trafficRows)];
  const [dataWords, trafficWords] = [dataTexts.map(wordsOf), trafficTexts.map(wordsOf)];
  const words = tellingWords(dataWords, trafficWords).filter(({ z }) => Math.abs(z) >= tellingFrom);
  const coverage = coverageOf(dataWords, trafficWords);
  const covered = rowShare(counts.traffic - coverage.missed.length, counts.traffic, 'coverage by five nearest neighbours', true);
  const regions = missedRegions(trafficWords, coverage.missed);
  const apart = await toldApart(input, dataRows, trafficRows);
  const figures = {
    ...counts,
    ...(apart !== undefined && { toldApart: { value: apart.value, low: apart.low ?? 0, high: apart.high ?? 1, n: apart.n } }),
    coverage: { value: covered.value, low: covered.low ?? 0, high: covered.high ?? 1, n: covered.n, expected: coverage.expected },
    words: words.slice(0, 2 * shownWords).map(({ word, data, traffic, z }) => ({ word: redactedText(word), data, traffic, z })),
    regions: regions.map(({ word, texts: missed }) => ({
      word: redactedText(word),
      texts: missed.length,
      examples: missed.slice(0, 3).map((at) => readableText(redactedText(trafficTexts[at]!))),
    })),
  };
  const findings: DataFinding[] = [];
  if (apart !== undefined && (apart.low ?? 0) > 0.5 + smallestGain) findings.push(apartFinding(apart, words));
  if ((covered.high ?? 1) < coverage.expected - smallestGap) {
    const examples = coverage.missed
      .slice(0, 5)
      .map((at) => ({ row: trafficRows.rows[at]!.line, text: readableText(redactedText(trafficTexts[at]!)) }));
    const named = regions.map(({ word, texts: missed }) => `“${redactedText(word)}” (${missed.length})`).join(', ');
    findings.push({
      rule: 'traffic-not-covered',
      family: 'representative',
      severity: 'warning',
      rows: [],
      count: coverage.missed.length,
      message: `${percent(1 - covered.value)} (${percent(1 - (covered.high ?? 1))} to ${percent(1 - (covered.low ?? 0))}) of ${counts.traffic.toLocaleString('en')} texts of traffic have no row of the data near them; of samples of one source it would be ${percent(1 - coverage.expected)}.${named === '' ? '' : ` Words they share: ${named}.`}`,
      fix: 'Add rows like the examples; their row numbers are those of the traffic file.',
      examples,
    });
  }
  return { findings, ...(apart !== undefined && { score: overlap(apart) }), figures };
}

/** How often a classifier says right of a held-out text which side it is from; as many texts of each. Undefined without a classifier. */
async function toldApart(
  input: DataCheckInput,
  dataRows: RowSample<FoldRow>,
  trafficRows: RowSample<FoldRow>,
): Promise<DataScore | undefined> {
  if (input.heldOut === undefined) return undefined;
  const each = Math.min(dataRows.rows.length, trafficRows.rows.length);
  const rows = [...evenly(dataRows.rows, each), ...evenly(trafficRows.rows, each)].map(({ item }) => item);
  const labels = Int32Array.from(rows, ({ label }) => label);
  const texts = rows.map(({ text }) => text);
  const probabilities = await input.heldOut({ texts, labels, labelCount: 2, folds: foldsOf(rows, foldCount), seed: input.seed });
  let right = 0;
  for (const [row, label] of labels.entries()) {
    const [own, other] = [probabilities[2 * row + label]!, probabilities[2 * row + 1 - label]!];
    right += own > other ? 1 : own === other ? 0.5 : 0;
  }
  return rowShare(right, rows.length, 'held-out accuracy of a classifier two-sample test', true);
}

function evenly<T>(rows: readonly T[], count: number): readonly T[] {
  return Array.from({ length: count }, (_, at) => rows[Math.floor((at * rows.length) / count)]!);
}

/**
 * The accuracy of any classifier between two sources in equal parts is at most (1 + d)/2 with d their distance in total
 * variation, so 2 · (1 − accuracy) bounds their overlap from above.
 */
function overlap({ value, low = 0, high = 1, n }: DataScore): DataScore {
  const of = (accuracy: number) => Math.min(1, Math.max(0, 2 * (1 - accuracy)));
  return { value: of(value), low: of(high), high: of(low), n, method: 'overlap with traffic, 2 · (1 − held-out accuracy), Wilson' };
}

function apartFinding({ value, low = 0, high = 1, n }: DataScore, words: readonly TellingWord[]): DataFinding {
  const side = (inTraffic: boolean) =>
    words
      .filter(({ z }) => z > 0 === inTraffic)
      .slice(0, shownWords / 2)
      .map(({ word, data, traffic }) => `“${redactedText(word)}” (${percent(traffic)} of traffic, ${percent(data)} of the data)`)
      .join(', ');
  const [more, less] = [side(true), side(false)];
  return {
    rule: 'differs-from-traffic',
    family: 'representative',
    severity: 'warning',
    rows: [],
    count: 0,
    message: `A classifier tells a row from a text of traffic in ${percent(value)} (${percent(low)} to ${percent(high)}, n ${n.toLocaleString('en')}) of the cases, where 50 % is chance.${more === '' ? '' : ` Commoner in traffic: ${more}.`}${less === '' ? '' : ` Commoner in the data: ${less}.`}`,
    fix: 'Bring the shares nearer to those of traffic, by collecting what is rare here and thinning what is common.',
    examples: [],
  };
}

function tooFew(data: number, traffic: number): DataFinding {
  return {
    rule: 'traffic-too-few',
    family: 'representative',
    severity: 'info',
    rows: [],
    count: 0,
    message: `To compare, both sides need ${fewestTexts} questions; the data has ${data.toLocaleString('en')}, the traffic ${traffic.toLocaleString('en')}.`,
    fix: 'Give a larger sample of traffic.',
    examples: [],
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
