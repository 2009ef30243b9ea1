import type { JsonObject } from '#core/json.ts';

/** A record with the fields that the owner's page shows, in other words, and what it should be read as. */
export interface Documented {
  readonly what: string;
  readonly format: string;
  readonly record: JsonObject;
  readonly row: JsonObject;
}

const look = {
  name: 'look_up',
  description: 'Looks an order up',
  parameters: { type: 'object', properties: { order: { type: 'string' } } },
};
const tools = [{ type: 'function', function: look }];
const asked = { role: 'user', content: 'Where is order 7?' };
const said = { role: 'assistant', content: 'On its way.' };
const brief = { role: 'system', content: 'You help.' };
const conversation = [asked, said];
const calls = [{ id: 'c1', type: 'function', function: { name: 'look_up', arguments: '{"order":"7"}' } }];
const toolTurns = [
  asked,
  { role: 'assistant', content: null, toolCalls: [{ id: 'c1', name: 'look_up', arguments: '{"order":"7"}' }] },
  { role: 'tool', content: 'shipped', toolCallId: 'c1' },
  said,
];
const pair = { turns: [asked], preference: { chosen: [said], rejected: [{ role: 'assistant', content: 'No idea.' }] } };

export const documented: readonly Documented[] = [
  { what: 'messages', format: 'openai-chat', record: { messages: [brief, ...conversation] }, row: { turns: [brief, ...conversation] } },
  {
    what: 'a turn that is not learnt',
    format: 'openai-chat',
    record: { messages: [asked, { ...said, weight: 0 }, asked, { ...said, weight: 1 }] },
    row: { turns: [asked, { ...said, weight: 0 }, asked, { ...said, weight: 1 }] },
  },
  {
    what: 'calls of tools',
    format: 'openai-chat',
    record: {
      messages: [asked, { role: 'assistant', tool_calls: calls }, { role: 'tool', tool_call_id: 'c1', content: 'shipped' }, said],
      tools,
      parallel_tool_calls: false,
    },
    row: { turns: toolTurns, tools, extra: { parallel_tool_calls: false } },
  },
  {
    what: 'a pair',
    format: 'openai-preference',
    record: {
      input: { messages: [asked], tools, parallel_tool_calls: true },
      preferred_output: [said],
      non_preferred_output: [{ role: 'assistant', content: 'No idea.' }],
    },
    row: { ...pair, tools, extra: { input: { parallel_tool_calls: true } } },
  },
  {
    what: 'a reference answer',
    format: 'openai-reinforcement',
    record: { messages: [{ role: 'developer', content: 'Be exact.' }, asked], reference_answer: 'On its way.', rubric: 'short' },
    row: { turns: [{ role: 'developer', content: 'Be exact.' }, asked, said], extra: { rubric: 'short' } },
  },
  {
    what: 'a field for the grader alone',
    format: 'openai-reinforcement',
    record: { messages: [asked], compliant: 'yes' },
    row: { turns: [asked], extra: { compliant: 'yes' } },
  },
  {
    what: 'a prompt',
    format: 'prompt-completion',
    record: { prompt: asked.content, completion: said.content },
    row: { turns: conversation },
  },
  {
    what: 'instruction and input',
    format: 'alpaca',
    record: { instruction: 'Where is', input: 'order 7?', output: said.content, system: 'You help.', history: [['Hi', 'Hello']] },
    row: {
      turns: [
        brief,
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello' },
        { role: 'user', content: 'Where is\norder 7?' },
        said,
      ],
      form: { instruction: 'Where is', input: 'order 7?' },
    },
  },
  {
    what: 'conversations',
    format: 'sharegpt',
    record: {
      conversations: [
        { from: 'human', value: asked.content },
        { from: 'function_call', value: '{"name": "look_up", "arguments": {"order": "7"}}' },
        { from: 'observation', value: 'shipped' },
        { from: 'gpt', value: said.content },
      ],
      system: 'You help.',
      tools: JSON.stringify(tools),
    },
    row: {
      turns: [
        brief,
        asked,
        { role: 'assistant', content: null, toolCalls: [{ name: 'look_up', arguments: '{"order":"7"}' }] },
        { role: 'tool', content: 'shipped' },
        said,
      ],
      tools,
    },
  },
  {
    what: 'a ranked pair',
    format: 'sharegpt',
    record: {
      conversations: [{ from: 'human', value: asked.content }],
      chosen: { from: 'gpt', value: said.content },
      rejected: { from: 'gpt', value: 'No idea.' },
    },
    row: pair,
  },
  {
    what: 'messages with another column',
    format: 'huggingface-messages',
    record: { prompt_id: 'p1', messages: conversation },
    row: { turns: conversation, extra: { prompt_id: 'p1' } },
  },
  {
    what: 'prompt and completion of messages',
    format: 'huggingface-messages',
    record: { prompt: [asked], completion: [said] },
    row: { turns: conversation },
  },
  {
    what: 'texts to choose from',
    format: 'huggingface-messages',
    record: { prompt: asked.content, chosen: said.content, rejected: 'No idea.' },
    row: pair,
  },
  {
    what: 'a pair with the question in both',
    format: 'huggingface-messages',
    record: { chosen: conversation, rejected: [asked, { role: 'assistant', content: 'No idea.' }], score_chosen: 4 },
    row: { ...pair, extra: { score_chosen: 4 } },
  },
  {
    what: 'contents',
    format: 'gemini',
    record: {
      systemInstruction: { role: 'system', parts: [{ text: 'You help.' }] },
      contents: [
        { role: 'user', parts: [{ text: asked.content }] },
        { role: 'model', parts: [{ functionCall: { name: 'look_up', args: { order: '7' } } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'look_up', response: { result: 'shipped' } } }] },
        { role: 'model', parts: [{ text: said.content }] },
      ],
      tools: [{ functionDeclarations: [look] }],
    },
    row: {
      turns: [
        brief,
        asked,
        { role: 'assistant', content: null, toolCalls: [{ name: 'look_up', arguments: '{"order":"7"}' }] },
        { role: 'tool', content: 'shipped', name: 'look_up' },
        said,
      ],
      tools,
    },
  },
  {
    what: 'a file beside the text',
    format: 'gemini',
    record: {
      contents: [
        { role: 'user', parts: [{ text: 'Read it.' }, { fileData: { mimeType: 'image/png', fileUri: 'gs://bucket/a.png' } }] },
        { role: 'model', parts: [{ text: 'x' }] },
      ],
    },
    row: {
      turns: [
        {
          role: 'user',
          content: [{ type: 'text', text: 'Read it.' }, { fileData: { mimeType: 'image/png', fileUri: 'gs://bucket/a.png' } }],
        },
        { role: 'assistant', content: 'x' },
      ],
    },
  },
  {
    what: 'blocks',
    format: 'anthropic',
    record: {
      system: 'You help.',
      messages: [
        asked,
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'I look.' },
            { type: 'tool_use', id: 'c1', name: 'look_up', input: { order: '7' } },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'shipped' }] },
        said,
      ],
      tools: [{ name: 'look_up', description: 'Looks an order up', input_schema: look.parameters }],
    },
    row: { turns: [brief, asked, { ...toolTurns[1], content: 'I look.' }, toolTurns[2]!, said], tools },
  },
  {
    what: 'a dataset item',
    format: 'langfuse',
    record: { id: 'i1', datasetName: 'orders', input: { question: 'Where?' }, expectedOutput: 'On its way.', metadata: null },
    row: {
      turns: [{ role: 'user', content: '{"question": "Where?"}' }, said],
      id: 'i1',
      form: { input: { question: 'Where?' } },
      extra: { datasetName: 'orders', metadata: null },
    },
  },
  {
    what: 'an observation',
    format: 'langfuse',
    record: { id: 'o1', trace_id: 't1', session_id: 's1', input: JSON.stringify([asked]), output: JSON.stringify(said) },
    row: { turns: conversation, id: 'o1', group: 's1', source: 'log', extra: { trace_id: 't1', session_id: 's1' } },
  },
  {
    what: 'a test',
    format: 'promptfoo',
    record: {
      vars: { question: asked.content },
      assert: [
        { type: 'equals', value: said.content },
        { type: 'latency', threshold: 9 },
      ],
      metadata: { group: 'g' },
    },
    row: {
      turns: conversation,
      group: 'g',
      form: { vars: { question: asked.content } },
      extra: { assert: [{ type: 'latency', threshold: 9 }] },
    },
  },
  {
    what: 'a result',
    format: 'promptfoo',
    record: {
      prompt: { raw: JSON.stringify([brief, asked]), label: 'p' },
      vars: { order: '7' },
      response: { output: said.content },
      success: true,
    },
    row: {
      turns: [brief, ...conversation],
      source: 'log',
      extra: {
        prompt: { raw: JSON.stringify([brief, asked]), label: 'p' },
        vars: { order: '7' },
        response: { output: said.content },
        success: true,
      },
    },
  },
  {
    what: 'a table of tests',
    format: 'promptfoo-csv',
    record: { question: asked.content, __expected: 'equals: On its way.', '__metadata:id': 'x', '__metadata:team': 'north' },
    row: { turns: conversation, id: 'x', form: { vars: { question: asked.content } }, extra: { '__metadata:team': 'north' } },
  },
  {
    what: 'a question and an answer',
    format: 'table',
    record: { Question: asked.content, Answer: said.content, difficulty: '2' },
    row: { turns: conversation, form: { input: 'Question', expected: 'Answer' }, extra: { difficulty: '2' } },
  },
  {
    what: 'fields and a label',
    format: 'rung',
    record: { input: { subject: 'x' }, expected: { team: 'y' }, id: '1', tags: ['a'], split: 'test' },
    row: {
      turns: [
        { role: 'user', content: '{"subject":"x"}' },
        { role: 'assistant', content: '{"team": "y"}' },
      ],
      id: '1',
      tags: ['a'],
      split: 'test',
      form: { input: { subject: 'x' }, expected: { team: 'y' } },
    },
  },
];
