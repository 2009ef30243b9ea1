import type { ContenderRow, DrawnTask } from './optimizer-tasks.ts';
import type { ScriptedModel } from './scripted-model.ts';
import { contentWords, cueWords, easilyConfused, type LabelledText } from './scripted-model-words.ts';

const shots = 8;

/**
 * The accuracy that the scripted model is sure to reach with a prompt written by one who knows its rules: every label
 * defined, every easily confused pair told apart, the eight nearest training rows as examples. On long lists of labels the
 * definitions cost more in length than they bring, so the better of that prompt and the examples alone counts.
 */
export function idealAccuracy(
  model: ScriptedModel,
  { labels, plainInstructions, train, test }: DrawnTask,
  rows: readonly LabelledText[],
): number {
  const cues = cueWords(rows);
  // a cue that is a label's name, too, would make the line one about two labels
  const plainCues = (label: string) => (cues.get(label) ?? []).filter((word) => !labels.some((other) => other.includes(word)));
  const definitions = labels.map((label) => `${label}: ${plainCues(label).slice(0, 3).join(', ')}`);
  const contrasts = [...easilyConfused(rows)].filter(([one, other]) => one < other);
  const lines = contrasts.map(([one, other]) => `${one} rather than ${other}: ${plainCues(one)[0]}`);
  const systems = [plainInstructions, [plainInstructions, ...definitions, ...lines].join('\n')];
  const means = systems.map((system) => {
    const chances = test.map(
      (row) => model.chanceOf([{ role: 'system', content: system }, ...nearest(row, train), { role: 'user', content: row.message }]) ?? 0,
    );
    return chances.reduce((sum, chance) => sum + chance, 0) / chances.length;
  });
  return Math.max(...means);
}

function nearest(row: ContenderRow, train: readonly ContenderRow[]): { role: string; content: string }[] {
  const words = new Set(contentWords(row.message));
  const shared = new Map(train.map((each) => [each.id, new Set(contentWords(each.message)).intersection(words).size]));
  const best = [...train].sort((a, b) => (shared.get(b.id) ?? 0) - (shared.get(a.id) ?? 0)).slice(0, shots);
  return best.flatMap(({ message, answer }) => [
    { role: 'user', content: message },
    { role: 'assistant', content: answer },
  ]);
}
