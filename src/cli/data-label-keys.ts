/** Keys that do something else wherever labels are chosen. */
const commandKeys = 'jkuseq';
const keys = [...'123456789', ...[...'abcdefghijklmnopqrstuvwxyz'].filter((letter) => !commandKeys.includes(letter))];

/** The key of each label, in their order; the labels past the keys are found by searching. */
export function labelKeys(labels: readonly string[]): ReadonlyMap<string, string> {
  return new Map(labels.slice(0, keys.length).map((label, index) => [keys[index]!, label]));
}

/** Labels that fit what was typed: those that begin with it first; at most `limit`. */
export function searchLabels(labels: readonly string[], typed: string, limit: number): string[] {
  const wanted = typed.trim().toLowerCase();
  const begins = labels.filter((label) => label.toLowerCase().startsWith(wanted));
  const holds = labels.filter((label) => !label.toLowerCase().startsWith(wanted) && label.toLowerCase().includes(wanted));
  return [...begins, ...holds].slice(0, limit);
}
