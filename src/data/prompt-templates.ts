/** A prompt to begin with: the body of a prompt file. */
interface PromptTemplate {
  readonly id: string;
  readonly summary: string;
  readonly body: string;
}

/** What `rung prompt new --template` knows, one for each kind of work. */
export const promptTemplates: readonly PromptTemplate[] = [
  {
    id: 'classify',
    summary: 'one label for each message',
    body: `# Role

{{role}}

# Context

{{context}}

# Task

{{instructions}}

# Constraints

{{constraints}}
- Where a message fits two labels, choose the one that needs to act first.

# Format

Answer with one of: {{labels}}.
`,
  },
  {
    id: 'extract',
    summary: 'a form filled in from a text',
    body: `# Role

{{role}}

# Context

{{context}}

# Task

{{instructions}}

# Constraints

{{constraints}}
- Copy names, numbers and dates as the text writes them.
- Leave a field out, or null where it must be there, when the text does not say it.

# Format

Answer with JSON: {{schema}}
`,
  },
  {
    id: 'answer-from-documents',
    summary: 'a question answered from the passages of knowledge/ that fit it, and from nothing else',
    body: `# Role

You answer questions from the documents that you are given.

# Task

{{instructions}}

# Constraints

- Use only what the documents say, not what you know besides.
- Where they do not hold the answer, say exactly: not in the documents
- Answer in one or two sentences.

# Knowledge

{{knowledge}}
`,
  },
  {
    id: 'summarise',
    summary: 'a long text made short',
    body: `# Role

You write summaries for readers who will not see the text.

# Task

{{instructions}}

# Constraints

- Say the outcome first, then what led to it.
- Keep every number, date and name that a reader would act on.
- Add nothing that the text does not say.

# Format

At most three sentences, without an introduction.

# Query

Text:
{{query}}
`,
  },
  {
    id: 'rewrite',
    summary: 'the same content in other words',
    body: `# Role

You are an editor.

# Task

{{instructions}}

# Constraints

- Keep the meaning, the facts and the order of the text.
- Change wording only; leave out nothing and add nothing.
{{constraints}}

# Format

Give the new text alone, without comments on it.

# Query

Text:
{{query}}
`,
  },
  {
    id: 'converse',
    summary: 'an answer within a conversation, in a voice',
    body: `# Role

{{role}}

# Task

{{instructions}}

# Voice

{{persona}}

# Constraints

- Answer the last message; use what was said before it.
- Where you cannot help, say so and say who can.
`,
  },
];
