import type { Input } from '#core/example.ts';
import { messagesOf } from '#core/example.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import type { Message } from '#core/message.ts';
import type { Output } from '#core/output.ts';
import type { Prompt, Section, Shot } from '#core/prompt.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { turnsOf } from '#data/prompt-shots.ts';
import { personaSections } from './persona-prompt.ts';
import { list, section } from './section.ts';

/** The task's own words and the form of the answer: the least that can be asked. */
export function plainPrompt(task: TaskBrief): Prompt {
  const sections = [section('Task', task.instructions), ...personaSections(task.persona), section('Format', formatOf(task.output))];
  return { headed: false, sections: sections.filter(isFilled) };
}

/** Role, context, task, constraints and format under headings, from what the task says and what its output implies. */
export function structuredPrompt(task: TaskBrief): Prompt {
  const sections = [
    section('Role', roleOf(task)),
    section('Context', task.prompt.context),
    section('Task', task.instructions),
    ...personaSections(task.persona),
    section('Constraints', constraintsOf(task)),
    section('Format', formatOf(task.output)),
  ];
  return { headed: true, sections: sections.filter(isFilled) };
}

/** The conversation to send: system text, shots as turns, then the input's own turns. */
export function renderPrompt(prompt: Prompt, shots: readonly Shot[], input: Input): readonly Message[] {
  const own = messagesOf(input);
  const ownSystem = own.filter((message) => message.role === 'system').map((message) => message.content);
  const system = [systemText(prompt), ...ownSystem].filter((text) => text.length > 0).join('\n');
  return [
    ...(system.length > 0 ? [{ role: 'system' as const, content: system }] : []),
    ...turnsOf(shots),
    ...own.filter((message) => message.role !== 'system'),
  ];
}

export function systemText(prompt: Prompt): string {
  const parts = prompt.sections.map(({ heading, text }) => (prompt.headed ? `# ${heading}\n${text}` : text));
  return parts.join(prompt.headed ? '\n\n' : '\n');
}

function isFilled(candidate: Section): boolean {
  return candidate.text.length > 0;
}

/** Who the model is to be: as the task says, else its persona, else what its output asks for. */
export function roleOf({ prompt, persona, output }: TaskBrief): string {
  return prompt.role ?? (persona === undefined ? roleFor(output) : `You are ${persona.name}, ${persona.role}.`);
}

/** The task's constraints and those that its output implies, as a list. */
export function constraintsOf({ prompt, output }: TaskBrief): string {
  return list([...(prompt.constraints ?? []), ...constraintsFor(output)]);
}

function roleFor(output: Output): string {
  if (output.kind === 'labels') return 'You are a careful classifier.';
  return output.kind === 'json' ? 'You are a careful reader who fills in forms.' : '';
}

function constraintsFor(output: Output): readonly string[] {
  if (output.kind === 'labels') return ['Choose exactly one label.', 'Give the label alone, without explanation.'];
  return output.kind === 'json' ? ['Use only what the message says.', 'Give the JSON alone, without explanation.'] : [];
}

function formatOf(output: Output): string {
  if (output.kind === 'labels') return `Answer with one of: ${output.labels.join(', ')}.`;
  return output.kind === 'json' ? `Answer with JSON: ${signatureOf(output.schema)}` : '';
}

/** A schema as models read it best: an example of its form with types in place of values. */
export function signatureOf(schema: JsonObject): string {
  const alternatives = schema['enum'] ?? (schema['const'] === undefined ? undefined : [schema['const']]);
  if (Array.isArray(alternatives)) return alternatives.map((value) => JSON.stringify(value)).join(' | ');
  const properties = schema['properties'];
  if (isJsonObject(properties)) {
    const required = Array.isArray(schema['required']) ? schema['required'] : [];
    const members = Object.entries(properties).map(([key, member]) => {
      const optional = required.includes(key) ? '' : ' (optional)';
      return `${JSON.stringify(key)}: ${signatureOf((member ?? {}) as JsonObject)}${optional}`;
    });
    return `{${members.join(', ')}}`;
  }
  if (isJsonObject(schema['items'])) return `[${signatureOf(schema['items'] as JsonObject)}]`;
  const type = schema['type'];
  return Array.isArray(type) ? type.join(' | ') : typeof type === 'string' ? type : 'any';
}
