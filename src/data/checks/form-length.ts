import { type DataFinding, defineDataCheck } from '#core/data-check.ts';
import type { JsonObject } from '#core/json.ts';
import { rowsText, rowsThat, ruleRows } from '#data/check-data-finding.ts';
import { powerBins, quantile, rowNumbers } from '#data/check-data-numbers.ts';
import { bytesAsTokens, learntPieces, renderRow, trainedTurns, trainerPolicies, writtenText } from './training-tokens.ts';

/** Tokens of each row as the model reads it, those that training counts, and rows that do not fit its context. */
export const formLength = defineDataCheck({
  id: 'form-length',
  family: 'form',
  summary: "length against the model's context, with its chat template and tokenizer where they are at hand; what trainers learn of a row",
  source: 'settings and pages of each trainer: see docs/data-check.md, "Which tokens are learnt"',
  begin({ options, tokens: tokenizer = bytesAsTokens }) {
    const context = typeof options['context'] === 'number' ? options['context'] : undefined;
    const [tooLong, disputed] = [ruleRows(), ruleRows()];
    const read = rowNumbers();
    const answers = rowNumbers();
    const learnt = new Map<string, number>(trainerPolicies.map(({ id }) => [id, 0]));
    let templated = 0;
    let weighted = 0;
    return {
      row(row) {
        const turns = trainedTurns(row);
        const rendered = renderRow(turns, tokenizer);
        if (rendered.template) templated += 1;
        const total = rendered.pieces.reduce((sum, { tokens }) => sum + tokens, 0);
        read.push(total);
        answers.push(rendered.pieces.reduce((sum, { tokens, answer }) => sum + (answer === undefined ? 0 : tokens), 0));
        const counts = new Set<number>();
        for (const policy of trainerPolicies) {
          const mask = learntPieces(rendered, turns, policy);
          const count = rendered.pieces.reduce((sum, { tokens }, index) => sum + (mask[index] ? tokens : 0), 0);
          learnt.set(policy.id, learnt.get(policy.id)! + count);
          if (policy.learns !== 'everything') counts.add(count);
        }
        if (turns.some(({ weight }) => weight === 0)) weighted += 1;
        if (counts.size > 1)
          disputed.add(
            row.line,
            () =>
              `${turns.filter(({ role }) => role === 'assistant').length} answers; learnt tokens: ${[...counts].sort((a, b) => a - b).join(' or ')}`,
          );
        if (context !== undefined && total > context) tooLong.add(row.line, () => `${total} tokens: ${turns.map(writtenText).join(' ⏎ ')}`);
      },
      end() {
        const about = tokenizer.estimated ? `about, at ${tokenizer.name}` : `by ${tokenizer.name}`;
        const findings: (DataFinding | undefined)[] = [
          tooLong.finding({
            rule: 'longer-than-context',
            family: 'form',
            severity: tokenizer.estimated ? 'warning' : 'error',
            message: rowsThat(
              tooLong.count,
              `are longer than the ${context?.toLocaleString('en')} tokens that the model reads (${about}).`,
            ),
            fix: 'Shorten them, split the conversation, or train a model with a longer context: trainers cut the end off, and with it the answer.',
          }),
          disputed.finding({
            rule: 'trainers-disagree',
            family: 'form',
            severity: 'info',
            message: `Of ${rowsText(disputed.count)} it depends on the trainer which answers are learnt: all of them, or only the last${weighted > 0 ? '; weight 0 is heeded by some and ignored by others' : ''}.`,
            fix: 'See them with --show-training LINE; set the trainer so that it learns what you mean, or split each conversation into rows that end in one answer.',
          }),
        ];
        return findings.filter((finding) => finding !== undefined);
      },
      figures(): JsonObject {
        const sorted = read.values().slice().sort();
        const total = sorted.reduce((sum, count) => sum + count, 0);
        return {
          tokenizer: tokenizer.name,
          estimated: tokenizer.estimated,
          ...(tokenizer.render !== undefined && { rowsByTemplate: templated }),
          total,
          answers: answers.values().reduce((sum, count) => sum + count, 0),
          ...(context !== undefined && { context, longerThanContext: tooLong.count }),
          ...(sorted.length > 0 && { perRow: { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), max: sorted.at(-1)! } }),
          bins: powerBins(sorted),
          rowsWithSeveralReadings: disputed.count,
          learnt: trainerPolicies.map(({ id, trainer, setting, learns, honoursWeight, source }) => ({
            trainer,
            setting,
            learns,
            honoursWeight,
            tokens: learnt.get(id)!,
            source,
          })),
        };
      },
    };
  },
});
