import type { Approach } from '#core/approach.ts';
import type { Answer, CallableModel } from '#core/candidate.ts';
import type { ModelRequest } from '#core/model.ts';
import type { Output } from '#core/output.ts';
import { contextWith, inputFor, never, task } from './approach-contract.fixture.ts';

export const form: Output = {
  kind: 'json',
  schema: {
    type: 'object',
    required: ['mood', 'score'],
    properties: { mood: { enum: ['good', 'bad'] }, score: { type: 'integer' }, note: { type: 'string' } },
  },
};

type Script = (request: ModelRequest, index: number) => string | { text: string; finishReason: 'length' };

/** A model that answers as it is told and notes what it was asked. */
export function scriptedModel(script: Script, can: CallableModel['can'] = {}): CallableModel & { readonly requests: ModelRequest[] } {
  const requests: ModelRequest[] = [];
  return {
    name: 'test',
    can,
    requests,
    async generate(request) {
      const told = script(request, requests.length);
      requests.push(request);
      const reply = typeof told === 'string' ? { text: told, finishReason: 'stop' as const } : told;
      const usage = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 };
      return { response: { ...reply, usage }, call: { model: 'test', usage, cost: 1, latencyMs: 1, cached: false } };
    },
  };
}

/** What a rung answers to one input with that model. */
export async function answerOf(
  approach: Approach,
  model: CallableModel,
  about: { options?: Parameters<typeof inputFor>[0]; output?: Output; sample?: number } = {},
): Promise<Answer> {
  const { options = {}, output = task.output, sample } = about;
  const context = contextWith('unused', model);
  const manifest = await approach.prepare({ ...inputFor(options), task: { ...task, output } }, context);
  const candidate = await approach.restore(JSON.parse(JSON.stringify(manifest)), context);
  return candidate.answer('grey and cold', { signal: never, ...(sample === undefined ? {} : { sample }) });
}
