import type { Prompt, Section } from '#core/prompt.ts';
import { beforeFormat } from './optimized-candidate.ts';
import type { Variant } from './optimized-history.ts';
import { definitionMoves, lineMoves, tellApartMoves } from './optimized-lines.ts';
import { type Move, ready, type Standing } from './optimized-moves.ts';
import { structuredPrompt } from './prompt.ts';
import { section } from './section.ts';

/** Changes to the instructions that need no other model. */
export function editMoves(standing: Standing): readonly Move[] {
  return [
    ...definitionMoves(standing),
    ...tellApartMoves(standing),
    ...lineMoves(standing),
    ...formMoves(standing),
    ...sectionMoves(standing),
  ];
}

function withPrompt(best: Variant, prompt: Prompt): Variant {
  return { ...best, prompt };
}

function formMoves({ input, best, failing }: Standing): readonly Move[] {
  const { headed, sections } = best.prompt;
  const kind = 'form of the prompt';
  const missing = structuredPrompt(input.task).sections.filter(({ heading }) => !sections.some((own) => own.heading === heading));
  const role = missing.filter(({ heading }) => heading === 'Role' || heading === 'Context');
  const rules = missing.filter(({ heading }) => heading === 'Constraints');
  return [
    ready(
      {
        id: headed ? 'plain' : 'headings',
        kind,
        reach: failing,
        hypothesis: headed ? 'Headings distract: leave them out.' : 'Headings tell the parts of the prompt apart: add them.',
      },
      withPrompt(best, { headed: !headed, sections }),
    ),
    ...(role.length > 0
      ? [
          ready(
            { id: 'role', kind, reach: failing, hypothesis: 'A role sets the frame: begin with it.' },
            withPrompt(best, { headed, sections: [...role, ...sections] }),
          ),
        ]
      : []),
    ...(rules.length > 0
      ? [
          ready(
            { id: 'constraints', kind, reach: failing, hypothesis: 'Rules keep the answer in bounds: add them.' },
            withPrompt(best, { headed, sections: beforeFormat(sections, rules) }),
          ),
        ]
      : []),
  ];
}

function sectionMoves({ best, failing, failures }: Standing): readonly Move[] {
  const { headed, sections } = best.prompt;
  const to = (changed: readonly Section[]) => withPrompt(best, { headed, sections: changed });
  const format = sections.find(({ heading }) => heading === 'Format');
  const task = sections.find(({ heading }) => heading === 'Task');
  const others = sections.filter((each) => each !== format);
  const unreadable = failures.find(({ kind }) => kind === 'unreadable');
  const broken = unreadable === undefined ? 0 : unreadable.rows / unreadable.of;
  const moves: Move[] = [];
  const add = (id: string, kind: Move['kind'], reach: number, hypothesis: string, changed: readonly Section[]) =>
    moves.push(ready({ id, kind, reach, hypothesis }, to(changed)));
  if (format !== undefined && others.length > 0) {
    const last = sections.at(-1) === format;
    if (!last)
      add('format last', 'order of sections', Math.max(broken, failing / 2), 'What is read last is kept best: put the format last.', [
        ...others,
        format,
      ]);
    else
      add('format first', 'order of sections', failing, 'The answers that there are frame the task: put the format first.', [
        format,
        ...others,
      ]);
    if (!sections.some(({ heading }) => heading === 'Answer')) {
      const restated = section('Answer', `Give the answer in that form and nothing else. ${format.text}`);
      add(
        'format again',
        'repeated format',
        Math.max(broken, failing / 4),
        'The form of the answer is forgotten: say it again at the end.',
        [...sections, restated],
      );
    }
  }
  if (task !== undefined && !sections.some(({ heading }) => heading === 'Task again')) {
    add('task again', 'repeated task', failing, 'What is asked fades behind the rest: say it again at the end.', [
      ...sections,
      section('Task again', task.text),
    ]);
  }
  for (const each of sections.length > 1 ? sections : []) {
    if (each === task) continue;
    add(
      `drop ${each.heading}`,
      'section dropped',
      failing,
      `The section ${each.heading} distracts: leave it out.`,
      sections.filter((other) => other !== each),
    );
  }
  return moves;
}
