import type { PlannedMix } from '#data/grow/mix-plan.ts';

/** Sentences about what in a mix may not be what was meant, or may do harm. */
export function mixWarnings({ own, parts, approximate }: PlannedMix, publishedSafetyShare: number): string[] {
  const total = own.training + parts.reduce((sum, { taken }) => sum + taken.length, 0);
  const warnings: string[] = [];
  for (const { name, read, eligible, taken, share } of parts) {
    const reached = total === 0 ? 0 : taken.length / total;
    if (taken.length === eligible && reached < share - 0.5 / Math.max(1, total)) {
      warnings.push(
        `${eligible} of the ${read} ${name} rows can be taken${eligible === read ? '' : ' (the others are for validation or test, cannot be read, or say what another row says)'}: they are ${percent(reached)} of the mix, not ${percent(share)}.`,
      );
    }
  }
  const safety = parts.find(({ name }) => name === 'safety');
  if (safety !== undefined && safety.taken.length > 0) warnings.push(...safetyWarnings(safety, total, publishedSafetyShare));
  if (own.sides.none > 0 && own.sides.none < own.training + own.sides.validation + own.sides.test) {
    warnings.push(`${own.sides.none} rows name no side and are counted as rows to train on.`);
  }
  if (approximate) warnings.push('The rows are so many and so alike that some near-duplicates may have been missed.');
  return warnings;
}

function safetyWarnings({ taken, refusals }: PlannedMix['parts'][number], total: number, published: number): string[] {
  const measure = 'measure on prompts that only look unsafe (XSTest, Röttger et al. 2023, arXiv 2308.01263) before and after';
  const warnings: string[] = [];
  // a row more than the share is rounding
  if (taken.length > published * total + 1) {
    warnings.push(
      `More than ${percent(published)} of safety rows can make the model refuse what is harmless (Bianchi et al. 2023, arXiv 2309.07875): ${measure}.`,
    );
  }
  if (refusals === taken.length) {
    warnings.push(
      `All ${taken.length} safety rows refuse, so that refusing is what they teach: add rows that look unsafe and are answered, and ${measure}.`,
    );
  }
  return warnings;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
