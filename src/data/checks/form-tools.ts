import { type DataFinding, defineDataCheck } from '#core/data-check.ts';
import type { DataRow, DataTurn } from '#core/data-row.ts';
import { isJsonObject } from '#core/json.ts';
import { rowsThat, ruleRows } from '#data/check-data-finding.ts';

interface ToolRule {
  readonly rule: string;
  readonly severity: DataFinding['severity'];
  readonly what: string;
  readonly fix: string;
}

const rules = {
  undeclared: {
    rule: 'tool-undeclared',
    severity: 'error',
    what: 'call a tool that they do not declare',
    fix: 'Declare it under tools, or take the call out: the model would learn to call what it was never shown.',
  },
  missing: {
    rule: 'tools-missing',
    severity: 'warning',
    what: 'call tools and declare none',
    fix: 'Add the tools that the model is shown when it answers in earnest.',
  },
  arguments: {
    rule: 'tool-arguments-unreadable',
    severity: 'error',
    what: 'call a tool with arguments that are no JSON object',
    fix: 'Write the arguments as one JSON object.',
  },
  unfit: {
    rule: 'tool-arguments-unfit',
    severity: 'warning',
    what: 'call a tool without an argument that it requires, or with one that it does not have',
    fix: 'Correct the call, or the declaration.',
  },
  unanswered: {
    rule: 'tool-unanswered',
    severity: 'warning',
    what: 'go on after a call of a tool without its result',
    fix: "Add the tool's turn after the call.",
  },
  unasked: {
    rule: 'tool-unasked',
    severity: 'error',
    what: 'hold a result of a tool that was not called',
    fix: 'Add the call before it, or take the result out: OpenAI refuses such rows.',
  },
} as const satisfies Record<string, ToolRule>;

type RuleName = keyof typeof rules;

/** Tools that are declared, called and answered must be the same. */
export const formTools = defineDataCheck({
  id: 'form-tools',
  family: 'form',
  summary: 'tools declared, called and answered consistently',
  source: 'OpenAI API reference, chat completions: messages, tools; OpenAI fine-tuning guide, "Tool calling examples"',
  begin() {
    const names = Object.keys(rules) as RuleName[];
    const found = new Map(names.map((name) => [name, ruleRows()]));
    return {
      row(row) {
        if (
          row.tools === undefined &&
          !row.turns.some(({ role, toolCalls }) => role === 'tool' || toolCalls !== undefined) &&
          row.preference === undefined
        )
          return;
        for (const { name, text } of faultsOf(row)) found.get(name)!.add(row.line, () => text);
      },
      end: () =>
        names.flatMap((name) => {
          const { rule, severity, what, fix } = rules[name];
          const hits = found.get(name)!;
          const finding = hits.finding({ rule, family: 'form', severity, message: `${rowsThat(hits.count, what)}.`, fix });
          return finding === undefined ? [] : [finding];
        }),
    };
  },
});

interface ToolFault {
  readonly name: RuleName;
  readonly text: string;
}

function faultsOf({ turns, tools, preference }: DataRow): ToolFault[] {
  const declared = new Map((tools ?? []).map((tool) => [nameOf(tool), parametersOf(tool)]));
  const endings = preference === undefined ? [[]] : [preference.chosen, preference.rejected];
  return endings.flatMap((ending) => faultsOfTurns([...turns, ...ending], declared));
}

function faultsOfTurns(turns: readonly DataTurn[], declared: ReadonlyMap<string | undefined, unknown>): ToolFault[] {
  const faults: ToolFault[] = [];
  let open: string[] = [];
  for (const turn of turns) {
    if (turn.role === 'tool') {
      const asked = turn.toolCallId === undefined ? open[0] : open.find((id) => id === turn.toolCallId);
      if (asked === undefined) faults.push({ name: 'unasked', text: `a result for ${turn.toolCallId ?? turn.name ?? 'no call'}` });
      else open = open.filter((id) => id !== asked);
      continue;
    }
    if (open.length > 0) faults.push({ name: 'unanswered', text: `no result for ${open.join(', ')}` });
    open = [];
    for (const [index, call] of (turn.toolCalls ?? []).entries()) {
      open.push(call.id ?? `call ${index + 1} (${call.name})`);
      if (declared.size === 0) faults.push({ name: 'missing', text: `a call of ${call.name}` });
      else if (!declared.has(call.name))
        faults.push({ name: 'undeclared', text: `a call of ${call.name}; declared: ${[...declared.keys()].join(', ')}` });
      const given = objectOf(call.arguments);
      if (given === undefined) faults.push({ name: 'arguments', text: `${call.name}(${call.arguments})` });
      else {
        const unfit = unfitArgument(given, declared.get(call.name));
        if (unfit !== undefined) faults.push({ name: 'unfit', text: `${call.name}: ${unfit}` });
      }
    }
  }
  return faults;
}

function functionOf(tool: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return isJsonObject(tool['function']) ? tool['function'] : tool;
}

function nameOf(tool: Readonly<Record<string, unknown>>): string | undefined {
  const { name } = functionOf(tool);
  return typeof name === 'string' ? name : undefined;
}

function parametersOf(tool: Readonly<Record<string, unknown>>): unknown {
  const { parameters, input_schema: schema } = functionOf(tool);
  return parameters ?? schema;
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function unfitArgument(given: Readonly<Record<string, unknown>>, schema: unknown): string | undefined {
  if (!isJsonObject(schema)) return undefined;
  const { required, properties, additionalProperties } = schema;
  const lacking = Array.isArray(required) ? required.find((name) => typeof name === 'string' && !Object.hasOwn(given, name)) : undefined;
  if (lacking !== undefined) return `${String(lacking)} is missing`;
  if (!isJsonObject(properties) || additionalProperties !== false) return undefined;
  const foreign = Object.keys(given).find((name) => !Object.hasOwn(properties, name));
  return foreign === undefined ? undefined : `${foreign} is not declared`;
}
