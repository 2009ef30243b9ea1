import { type DataFinding, type DataTokenizer, defineDataCheck } from '#core/data-check.ts';
import type { DataRow } from '#core/data-row.ts';
import { type RuleRows, rowsThat, ruleRows } from '#data/check-data-finding.ts';
import { renderRow, trainedTurns } from './training-tokens.ts';

/** What a service takes as training data. What no source gives is absent. */
interface VendorLimits {
  readonly vendor: string;
  readonly name: string;
  readonly minimumRows?: number;
  readonly maximumRows?: number;
  /** Of one row, its turns and what the template adds. */
  readonly tokensPerRow?: { readonly most: number; readonly of: string };
  readonly roles?: readonly DataRow['turns'][number]['role'][];
  readonly systemFirst?: boolean;
  readonly alternates?: boolean;
  readonly source: string;
  readonly asOf: string;
  /** True where the number was read on another page than the owner's. */
  readonly secondHand?: boolean;
}

const asOf = '2026-11-21';

/** Limits that were found in a source; services change them. */
const vendorLimits: readonly VendorLimits[] = [
  {
    vendor: 'openai',
    name: 'OpenAI',
    minimumRows: 10,
    source: 'developers.openai.com, guide to supervised fine-tuning, "Right number of examples"',
    asOf,
  },
  {
    vendor: 'openai-gpt-4o',
    name: 'OpenAI for gpt-4o and gpt-4o-mini',
    minimumRows: 10,
    tokensPerRow: { most: 65_536, of: 'gpt-4o and gpt-4o-mini' },
    source: 'community.openai.com/t/question-about-limited-time-gpt4o-free-fine-tune/884424',
    asOf,
    secondHand: true,
  },
  {
    vendor: 'together',
    name: 'Together',
    systemFirst: true,
    alternates: true,
    source: 'docs.together.ai/docs/fine-tuning/data-preparation',
    asOf,
  },
  {
    vendor: 'fireworks',
    name: 'Fireworks',
    minimumRows: 3,
    maximumRows: 3_000_000,
    systemFirst: true,
    source: 'docs.fireworks.ai/fine-tuning/fine-tuning-models',
    asOf,
  },
  {
    vendor: 'mistral',
    name: 'Mistral',
    roles: ['system', 'user', 'assistant', 'tool'],
    source: 'docs.mistral.ai/capabilities/finetuning/text_vision_finetuning',
    asOf,
  },
  {
    vendor: 'bedrock-titan',
    name: 'Amazon Bedrock for Titan text models',
    tokensPerRow: { most: 4096, of: 'Titan text models at batch size 1' },
    source: 'docs.aws.amazon.com/bedrock/latest/userguide/model-training-validation-requirements.html',
    asOf,
  },
  {
    vendor: 'google',
    name: 'Google (Gemini tuning)',
    maximumRows: 1_000_000,
    tokensPerRow: { most: 131_072, of: 'Gemini' },
    source: 'cloud.google.com/vertex-ai/generative-ai/docs/models/gemini-supervised-tuning',
    asOf,
  },
];

/** The services whose limits are known, for messages. */
const known = vendorLimits.map(({ vendor }) => vendor).join(', ');

/** Limits of the services that are named with `vendors`; without a name nothing is held against them. */
export const vendorLimitsCheck = defineDataCheck({
  id: 'vendor-limits',
  family: 'form',
  summary: 'what the services that are named with --for take: rows, tokens of a row, order of turns',
  source: 'the page of each service: see docs/data-check.md, "Limits of services"',
  begin({ options, tokens }) {
    const wanted = Array.isArray(options['vendors']) ? options['vendors'].map(String) : [];
    const kept = vendorLimits.filter(({ vendor }) => wanted.some((name) => vendor === name || vendor.startsWith(`${name}-`)));
    const unknown = wanted.filter((name) => !kept.some(({ vendor }) => vendor === name || vendor.startsWith(`${name}-`)));
    const watched = kept.map((limits) => ({ limits, long: ruleRows(), order: ruleRows(), roles: ruleRows() }));
    let rows = 0;
    return {
      row(row) {
        rows += 1;
        for (const one of watched) watch(row, one, tokens);
      },
      end: () => [
        ...unknown.map((name) => unknownVendor(name)),
        ...watched.flatMap((one) => [...countFindings(one.limits, rows), ...rowFindings(one)]),
      ],
    };
  },
});

interface Watched {
  readonly limits: VendorLimits;
  readonly long: RuleRows;
  readonly order: RuleRows;
  readonly roles: RuleRows;
}

function watch(row: DataRow, { limits, long, order, roles }: Watched, tokens: DataTokenizer | undefined): void {
  const turns = trainedTurns(row);
  if (limits.tokensPerRow !== undefined && tokens !== undefined) {
    const total = renderRow(turns, tokens).pieces.reduce((sum, piece) => sum + piece.tokens, 0);
    if (total > limits.tokensPerRow.most) long.add(row.line, () => `${total} tokens`);
  }
  const stranger = turns.find(({ role }) => limits.roles !== undefined && !limits.roles.includes(role));
  if (stranger !== undefined) roles.add(row.line, () => `role ${stranger.role}`);
  const late = limits.systemFirst === true && turns.some(({ role }, index) => role === 'system' && index > 0);
  const talk = turns.filter(({ role }) => role === 'user' || role === 'assistant');
  const broken = limits.alternates === true && talk.some(({ role }, index) => role !== (index % 2 === 0 ? 'user' : 'assistant'));
  if (late || broken) order.add(row.line, () => turns.map(({ role }) => role).join(', '));
}

function countFindings(limits: VendorLimits, rows: number): DataFinding[] {
  const { minimumRows = 0, maximumRows = Number.POSITIVE_INFINITY } = limits;
  if (rows >= minimumRows && rows <= maximumRows) return [];
  const few = rows < minimumRows;
  return [
    {
      rule: few ? 'vendor-too-few-rows' : 'vendor-too-many-rows',
      family: 'form',
      severity: 'error',
      rows: [],
      count: rows,
      message: `${limits.name} takes ${few ? 'no fewer' : 'no more'} than ${(few ? minimumRows : maximumRows).toLocaleString('en')} rows; the file has ${rows.toLocaleString('en')}. ${sourceText(limits)}`,
      fix: few ? 'Add rows.' : 'Split the file, or draw a sample of it.',
      examples: [],
    },
  ];
}

function rowFindings({ limits, long, order, roles }: Watched): DataFinding[] {
  return [
    long.finding({
      rule: 'vendor-row-too-long',
      family: 'form',
      severity: 'error',
      message: rowsThat(
        long.count,
        `are longer than the ${limits.tokensPerRow?.most.toLocaleString('en')} tokens that ${limits.name} reads of one (${limits.tokensPerRow?.of}). ${sourceText(limits)}`,
      ),
      fix: 'Shorten or split them.',
    }),
    order.finding({
      rule: 'vendor-turn-order',
      family: 'form',
      severity: 'error',
      message: rowsThat(order.count, `have turns in an order that ${limits.name} refuses. ${sourceText(limits)}`),
      fix: `Put the system turn first${limits.alternates === true ? ' and let user and assistant alternate' : ''}.`,
    }),
    roles.finding({
      rule: 'vendor-role',
      family: 'form',
      severity: 'error',
      message: rowsThat(roles.count, `have a role that ${limits.name} does not know. ${sourceText(limits)}`),
      fix: 'Write developer turns as system turns.',
    }),
  ].filter((finding) => finding !== undefined);
}

function sourceText({ source, asOf: day, secondHand }: VendorLimits): string {
  return `Source: ${source}, read ${day}${secondHand === true ? ', not the owner’s page' : ''}.`;
}

function unknownVendor(name: string): DataFinding {
  return {
    rule: 'vendor-unknown',
    family: 'form',
    severity: 'warning',
    rows: [],
    count: 0,
    message: `No limits of ${JSON.stringify(name)} are known.`,
    fix: `Known are: ${known}.`,
    examples: [],
  };
}
