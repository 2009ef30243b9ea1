// Faults of form and of single answers: those that the tests plant, and tools, preferences and turns beside them.
import type { DataRow, DataTurn } from '../src/core/data-row.ts';
import type { JsonObject } from '../src/core/json.ts';
import { plantedFaults } from '../src/data/checks/planted-faults.fixture.ts';
import { seededRandom } from '../src/statistics/random.ts';
import { type PlantedCorpus, shuffled } from './planted-data.ts';
import { chat, cleanRow } from './planted-data-faults.ts';
import { answer, type Draw, question } from './planted-data-words.ts';

const find: JsonObject = {
  type: 'function',
  function: { name: 'find', parameters: { type: 'object', properties: { order: {} }, required: ['order'], additionalProperties: false } },
};

interface Call {
  readonly name?: string;
  readonly arguments?: string;
  readonly tools?: readonly JsonObject[];
  readonly result?: readonly DataTurn[];
}

function call(random: Draw, change: Call = {}): Omit<DataRow, 'line'> {
  const made = {
    id: 'c1',
    name: change.name ?? 'find',
    arguments: change.arguments ?? JSON.stringify({ order: Math.floor(1e6 * random()) }),
  };
  return {
    tools: change.tools ?? [find],
    turns: [
      { role: 'user', content: question(random) },
      { role: 'assistant', content: null, toolCalls: [made] },
      ...(change.result ?? [{ role: 'tool', content: 'Found.', toolCallId: 'c1' } as const]),
      { role: 'assistant', content: answer(random) },
    ],
  };
}

const preferred = (random: Draw, both: boolean): Omit<DataRow, 'line'> => ({
  turns: [{ role: 'user', content: question(random) }],
  preference: {
    chosen: [{ role: 'assistant', content: answer(random) }],
    rejected: both ? [{ role: 'assistant', content: answer(random) }] : [],
  },
});

/** What else is wrong with a row that has a fault: two answers in a row, a question of two words. */
const also: Readonly<Record<string, readonly string[]>> = {
  'tool-unanswered': ['turn-order'],
  'answer-not-last': ['question-length-outlier'],
};

/** Rows made anew with a fault, for what the tests of rules look at one by one. */
const made: readonly { readonly rule: string; make(random: Draw): Omit<DataRow, 'line'> }[] = [
  { rule: 'tool-undeclared', make: (random) => call(random, { name: 'search' }) },
  { rule: 'tools-missing', make: (random) => call(random, { tools: [] }) },
  { rule: 'tool-arguments-unreadable', make: (random) => call(random, { arguments: '{"order": 17' }) },
  { rule: 'tool-arguments-unfit', make: (random) => call(random, { arguments: random() < 0.5 ? '{}' : '{"order":1,"place":2}' }) },
  { rule: 'tool-unanswered', make: (random) => call(random, { result: [] }) },
  { rule: 'preference-empty', make: (random) => preferred(random, false) },
  {
    rule: 'preference-equal',
    make: (random) => {
      const same: DataTurn[] = [{ role: 'assistant', content: answer(random) }];
      return { turns: [{ role: 'user', content: question(random) }], preference: { chosen: same, rejected: same } };
    },
  },
  {
    rule: 'empty-turn',
    make: (random) => {
      const [asked, answered] = chat(question(random), answer(random)).turns;
      return { turns: [{ role: 'user', content: '' }, { role: 'assistant', content: answer(random) }, asked!, answered!] };
    },
  },
  {
    rule: 'question-length-outlier',
    make: (random) => chat(Array.from({ length: 40 }, () => question(random)).join(' '), answer(random)),
  },
];

/** Clean chats, right calls of tools and right pairs, and so many rows of each fault of form. */
export function plantedForm(size: { readonly clean: number; readonly eachFault: number }, seed: number): PlantedCorpus {
  const random = seededRandom(seed);
  const items: { readonly row: Omit<DataRow, 'line'>; readonly rule?: string }[] = Array.from({ length: size.clean }, (_, index) => ({
    row: index % 10 === 0 ? call(random) : index % 10 === 1 ? preferred(random, true) : cleanRow(random),
  }));
  for (let row = 0; row < size.eachFault; row += 1) {
    for (const [rule, change] of plantedFaults) items.push({ row: change({ ...cleanRow(random), line: 1 }), rule });
    for (const { rule, make } of made) items.push({ row: make(random), rule });
  }
  const rules = [...plantedFaults.map(([rule]) => rule), ...made.map(({ rule }) => rule)];
  const placed = shuffled(items, random).map((item, index) => ({ ...item, line: index + 1 }));
  return {
    rows: placed.map(({ row, line }) => ({ ...row, line })),
    planted: rules.map((rule) => ({
      rules: [rule],
      kind: 'form',
      ...(also[rule] !== undefined && { also: also[rule] }),
      units: placed.filter((item) => item.rule === rule).map(({ line }) => [line]),
    })),
  };
}
