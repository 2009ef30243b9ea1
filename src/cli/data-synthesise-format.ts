import { countText } from '#report/number-text.ts';
import { shortText } from '#report/visible-text.ts';
import type { SynthesisReport } from '../growth/synthesise-report.ts';
import { shareText } from './share-text.ts';
import { prose } from './terminal/prose.ts';
import type { Line } from './terminal/styled-line.ts';
import { textTable } from './terminal/text-table.ts';

type Kind = SynthesisReport['kinds'][number];
type Rejected = SynthesisReport['rejected'][number];

const reasons: Readonly<Record<string, string>> = {
  'not-varied': 'no variation could be made',
  'near-copy': 'a near-copy of a row that is there',
  'near-held-out': 'a near-copy of a row that is measured',
  'same-as-probe': 'an input of the probe format',
  'not-hard': 'not near the border of two labels',
  'no-answer': 'the candidate gave no answer',
  unreadable: 'no answer of the task could be read',
  'below-minimum': 'the answer scored below the minimum',
  tied: 'the answers scored alike',
};

/** What came of growing the data, for people. */
export function formatSynthesis(report: SynthesisReport, columns: number): Line[] {
  const { task, file, format, written, wanted, tried, candidate, variedBy, passed, minimum, share, unscored, check, spent } = report;
  const { measured } = candidate;
  const taught =
    measured === null
      ? ''
      : `, ${measured.metric} ${shareText(measured.value)} (${shareText(measured.low)} to ${shareText(measured.high)}, n ${measured.n}, ${measured.method})`;
  const says =
    passed === null
      ? 'No metric could score the answers.'
      : `Of the scored answers ${shareText(passed.value)} reached ${minimum} (${shareText(passed.low)} to ${shareText(passed.high)}, n ${passed.n}, ${passed.method}).`;
  return [
    ...prose(
      `${task}: ${countText(written)} of ${countText(wanted)} rows written to ${file} as ${format}, of ${countText(tried)} tries.`,
      columns,
      'bold',
    ),
    ...prose(
      `Answered by ${candidate.rung} (${candidate.id}${candidate.model === null ? '' : `, ${candidate.model}`}): ${candidate.why}${taught}. Inputs varied by ${variedBy ?? 'rules'}.`,
      columns,
    ),
    [],
    ...textTable<Kind>(
      [
        { title: 'variation', keep: 4, cell: ({ kind }) => [{ text: kind, style: 'bold' }] },
        { title: 'by', keep: 1, cell: ({ by }) => [{ text: by }] },
        { title: 'tried', keep: 2, right: true, cell: (one) => [{ text: countText(one.tried) }] },
        { title: 'written', keep: 3, right: true, cell: (one) => [{ text: countText(one.written) }] },
      ],
      report.kinds,
      columns,
    ),
    [],
    ...rejectedLines(report.rejected, columns),
    ...prose(`${says}${unscored === 0 ? '' : ` ${countText(unscored)} rows were kept unscored.`}`, columns),
    ...prose(`Synthetic: ${countText(share.synthetic)} of ${countText(share.rows)} training rows, ${shareText(share.value)}.`, columns),
    ...(check.dropped.length === 0
      ? []
      : prose(`Left out by the checks: ${countText(check.dropped.length)}, the first because ${check.dropped[0]!.why}`, columns, 'yellow')),
    ...check.findings
      .filter(({ severity }) => severity !== 'info')
      .flatMap(({ rule, count, message }) => prose(`${rule} (${countText(count)} rows): ${message}`, columns, 'yellow')),
    ...report.lost.flatMap(({ field, rows }) =>
      prose(`${field} of ${countText(rows)} rows was lost: ${format} has no place for it.`, columns, 'yellow'),
    ),
    ...report.warnings.flatMap((warning) => prose(warning, columns, 'yellow')),
    ...(report.ended === 'budget'
      ? prose('The budget ended first. Run the same command with a larger one: what was answered is not bought again.', columns, 'yellow')
      : []),
    ...prose(
      `${countText(spent.calls)} calls, ${countText(spent.cached)} answers from the store, $${spent.dollars.toFixed(4)}, ${spent.seconds.toFixed(1)} s; seed ${report.seed}, hash ${report.hash.slice(0, 16)}.`,
      columns,
      'gray',
    ),
  ];
}

function rejectedLines(rejected: readonly Rejected[], columns: number): Line[] {
  if (rejected.length === 0) return [];
  return [
    ...textTable<Rejected>(
      [
        { title: 'turned down because', keep: 3, cell: ({ why }) => [{ text: reasons[why] ?? why }] },
        { title: 'tries', keep: 2, right: true, cell: ({ rows }) => [{ text: countText(rows) }] },
        { title: 'as', keep: 1, cell: ({ example }) => [{ text: shortText(example, 60), style: 'gray' }] },
      ],
      rejected,
      columns,
    ),
    [],
  ];
}
