import type { PromptVersion, Section } from '#core/prompt.ts';
import { diffWords, type TextChange } from '#data/prompt-diff.ts';
import { formatPromptFile } from '#data/prompt-file.ts';
import { versionOf } from '#data/prompt-library.ts';
import { visibleText } from '#report/visible-text.ts';
import type { AddCommand } from './add-command.ts';
import { print } from './prompt-output.ts';
import { withTask } from './prompt-task.ts';
import type { Line, Style } from './terminal/styled-line.ts';

interface SectionDiff {
  readonly heading: string;
  readonly change: 'same' | 'added' | 'removed' | 'changed';
  readonly words: readonly TextChange[];
}

const looks: Readonly<Record<TextChange['change'], { readonly before: string; readonly after: string; readonly style?: Style }>> = {
  same: { before: '', after: '' },
  removed: { before: '[-', after: '-]', style: 'red' },
  added: { before: '{+', after: '+}', style: 'green' },
};

/** `rung prompt diff A B [task]`: what changed from one version to another, section by section and word by word. */
export const addPromptDiff: AddCommand = (prompt, io) => {
  prompt
    .command('diff')
    .argument('<before>', 'a version')
    .argument('<after>', 'another')
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description('what changed from one version to another: [-went-] {+came+}')
    .option('--json', 'print one JSON document on stdout')
    .option('--debug', 'show stack traces')
    .action(async (before: string, after: string, path: string | undefined, { json }: { json?: boolean }) =>
      withTask(path, io, async ({ planned }) => {
        const [one, other] = [versionOf(planned.plan.prompts, before), versionOf(planned.plan.prompts, after)];
        const sections = diffSections(sectionsOf(one), sectionsOf(other));
        const order = orderChanged(one, other);
        const same = !order && sections.every(({ change }) => change === 'same');
        const document = { schema: 'rung.prompt-diff/1', before, after, same, orderChanged: order, sections };
        const moved: readonly Line[] = order ? [[{ text: 'The sections stand in another order.' }]] : [];
        const lines = same ? [[{ text: 'The two versions say the same.' }]] : [...moved, ...sections.flatMap(sectionLines)];
        print(io, json, document, () => lines, { whole: true });
      }),
    );
};

/** The sections of a version, its examples and its settings among them. */
function sectionsOf({ prompt, shots, maxOutputTokens }: PromptVersion): readonly Section[] {
  const examples = formatPromptFile({ author: 'person', prompt: { headed: true, sections: [] }, shots, scores: [] }).split(
    '# Examples\n\n',
  )[1];
  const settings = [`headed: ${prompt.headed}`, ...(maxOutputTokens === undefined ? [] : [`maxOutputTokens: ${maxOutputTokens}`])];
  return [
    { heading: 'settings', text: settings.join('\n') },
    ...prompt.sections,
    ...(examples === undefined ? [] : [{ heading: 'Examples', text: examples }]),
  ];
}

function diffSections(one: readonly Section[], other: readonly Section[]): readonly SectionDiff[] {
  const left = [...other];
  const kept = one.map(({ heading, text }): SectionDiff => {
    const at = left.findIndex((section) => section.heading === heading);
    const [found] = at < 0 ? [] : left.splice(at, 1);
    if (found === undefined) return { heading, change: 'removed', words: diffWords(text, '') };
    return { heading, change: found.text === text ? 'same' : 'changed', words: diffWords(text, found.text) };
  });
  return [...kept, ...left.map(({ heading, text }): SectionDiff => ({ heading, change: 'added', words: diffWords('', text) }))];
}

function orderChanged(one: PromptVersion, other: PromptVersion): boolean {
  const headings = (version: PromptVersion, besides: PromptVersion) => {
    const known = new Set(besides.prompt.sections.map(({ heading }) => heading));
    return version.prompt.sections.flatMap(({ heading }) => (known.has(heading) ? [heading] : [])).join('\n');
  };
  return headings(one, other) !== headings(other, one);
}

function sectionLines({ heading, change, words }: SectionDiff): readonly Line[] {
  if (change === 'same') return [];
  const marked = words.flatMap(({ change: kind, text }) => {
    const { before, after, style } = looks[kind];
    return text.split('\n').map((line, index): Line & { newLine?: boolean } =>
      Object.assign(line === '' ? [] : [{ text: `${before}${visibleText(line)}${after}`, ...(style && { style }) }], {
        newLine: index > 0,
      }),
    );
  });
  const lines: Line[] = [];
  for (const piece of marked) {
    if (piece.newLine === true || lines.length === 0) lines.push([...piece]);
    else lines.push([...(lines.pop() ?? []), ...piece]);
  }
  return [
    [
      { text: `# ${visibleText(heading)}`, style: 'bold' },
      { text: `  ${change}`, style: 'gray' },
    ],
    ...lines,
    [],
  ];
}
