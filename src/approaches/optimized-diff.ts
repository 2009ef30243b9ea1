import { textOf } from '#core/example.ts';
import { canonicalJson } from '#core/json.ts';
import type { Section, Shot } from '#core/prompt.ts';
import type { Variant } from './optimized-history.ts';

const longest = 160;
const shotsTold = 4;

/** What differs between two versions, as lines that begin with + or −. */
export function variantDiff(before: Variant, after: Variant): string {
  const lines = [
    ...formDiff(before, after),
    ...sectionDiff(before.prompt.sections, after.prompt.sections),
    ...wordDiff(before, after),
    ...shotDiff(before, after),
  ];
  return lines.length === 0 ? 'nothing' : lines.join('\n');
}

function formDiff(before: Variant, after: Variant): readonly string[] {
  if (before.prompt.headed === after.prompt.headed) return [];
  return [after.prompt.headed ? '+ headings over the sections' : '− headings over the sections'];
}

function sectionDiff(before: readonly Section[], after: readonly Section[]): readonly string[] {
  const same = (a: Section, b: Section) => a.heading === b.heading && a.text === b.text;
  const removed = before.flatMap((section): string[] => {
    const now = after.find(({ heading }) => heading === section.heading);
    if (now === undefined) return [`− [${section.heading}] ${cut(section.text)}`];
    return linesOf(section.text, now.text).map((line) => `− [${section.heading}] ${cut(line)}`);
  });
  const added = after.flatMap((section): string[] => {
    const was = before.find(({ heading }) => heading === section.heading);
    return linesOf(section.text, was?.text ?? '').map((line) => `+ [${section.heading}] ${cut(line)}`);
  });
  const changed = [...removed, ...added];
  if (changed.length > 0 || before.every((section, index) => after[index] !== undefined && same(section, after[index]))) return changed;
  return [`− order: ${before.map(({ heading }) => heading).join(', ')}`, `+ order: ${after.map(({ heading }) => heading).join(', ')}`];
}

function wordDiff(before: Variant, after: Variant): readonly string[] {
  const [was, is] = [before.nearest?.words, after.nearest?.words];
  if (canonicalJson(was ?? null) === canonicalJson(is ?? null)) return [];
  if (is === undefined) return ['− words that tell the answers of the looked-up examples apart'];
  const [first] = Object.entries(is).map(([answer, words]) => `${answer}: ${words.join(', ')}`);
  return [`+ words that tell the answers of the looked-up examples apart, as: ${cut(first ?? '')}`];
}

/** Lines of a text that another text does not have. */
function linesOf(text: string, other: string): readonly string[] {
  const known = new Set(other.split('\n'));
  return text.split('\n').filter((line) => line.trim() !== '' && !known.has(line));
}

function shotDiff(before: Variant, after: Variant): readonly string[] {
  const was = shotsText(before);
  const is = shotsText(after);
  if (was === is && canonicalJson(before.shots) === canonicalJson(after.shots)) return [];
  const old = new Set(before.shots.map((shot) => canonicalJson(shot)));
  const fresh = after.shots.filter((shot) => !old.has(canonicalJson(shot)));
  return [
    ...(was === undefined ? [] : [`− ${was}`]),
    ...(is === undefined
      ? []
      : [
          `+ ${is}${fresh.length === 0 && after.shots.length > 0 && after.shots.length === before.shots.length ? ', in another order' : ''}`,
        ]),
    ...fresh.slice(0, shotsTold).map((shot) => `+   ${shotText(shot)}`),
    ...(fresh.length > shotsTold ? [`+   and ${fresh.length - shotsTold} more`] : []),
  ];
}

function shotsText({ shots, nearest }: Variant): string | undefined {
  if (nearest !== undefined) {
    const by = nearest.search === 'bm25' ? 'words' : 'words and pieces of words';
    const from = nearest.from === 'labels' ? ', every answer in turn' : '';
    return `the ${nearest.shots} nearest training rows by ${by}${from}, the ${nearest.order === 'nearest-last' ? 'nearest last' : 'nearest first'}`;
  }
  return shots.length === 0 ? undefined : `${shots.length} fixed examples`;
}

function shotText({ input, answer }: Shot): string {
  return `${cut(textOf(input))} → ${cut(answer)}`;
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1).toWellFormed()}…`;
}
