import type { Estimate } from '#core/estimate.ts';
import type { LabellingView } from '../growth/label-data.ts';

/** `12 of 300 rows labelled, 288 left for you` and what hangs on it. */
export function progressWords({ progress, left }: Pick<LabellingView, 'progress' | 'left'>): string {
  const { labelled, rows, skipped, disagreements } = progress;
  const parts = [`${count(labelled)} of ${count(rows)} rows labelled`, `${count(left)} left for you`];
  if (skipped > 0) parts.push(`${count(skipped)} skipped`);
  if (disagreements > 0) parts.push(disagreements === 1 ? '1 disagreement' : `${count(disagreements)} disagreements`);
  return parts.join(' · ');
}

/** The rate and what is left of the work, each with its interval. */
export function paceWords(pace: LabellingView['pace']): string {
  if (pace === undefined) return 'The time left is known after a few labels.';
  const { each, left } = pace;
  const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(1);
  return `${seconds(each.value)} s a label (95 % interval ${seconds(each.low)} to ${seconds(each.high)}, n ${each.n}) · about ${spanWords(left)} left`;
}

function spanWords({ value, low, high }: Estimate): string {
  const unit = value >= 2 * 3_600_000 ? { name: 'h', size: 3_600_000 } : { name: 'min', size: 60_000 };
  const text = (milliseconds: number) => {
    const amount = milliseconds / unit.size;
    return amount < 10 ? amount.toFixed(1) : amount.toFixed(0);
  };
  return `${text(value)} ${unit.name} (${text(low)} to ${text(high)})`;
}

export function count(value: number): string {
  return value.toLocaleString('en');
}

/** What the keys do, for the terminal and the page; `search` where labels can be found by their names. */
export function keyWords({ free, drafts, search }: { readonly free: boolean; readonly drafts: boolean; readonly search: boolean }) {
  const keys: readonly (readonly [key: string, does: string] | false)[] = [
    free ? (drafts ? ['e', 'change the draft'] : ['e or Enter', 'write the answer']) : ['1-9, a-z', 'the label of that key'],
    drafts && ['Enter', 'take the draft as it is'],
    !free && search && ['/ or e', 'find a label by its name'],
    ['s', 'skip: it does not come again'],
    ['u', 'undo, as often as there is something to undo'],
    ['j, k', 'on without a label, and back'],
    ['?', 'this help'],
  ];
  return keys.filter((key) => key !== false);
}
