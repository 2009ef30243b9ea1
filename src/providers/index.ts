import type { Provider } from '#core/provider.ts';
import type { NanoSource } from '#nano/nano-source.ts';
import { aiSdk, aiSdkService } from './ai-sdk.ts';
import { fake } from './fake.ts';
import { createNanoProvider } from './nano.ts';
import { openai } from './openai.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { replay } from './replay.ts';
import { createTransformersProvider } from './transformers.ts';

/** The providers that ship, sorted by id. The source of the embedded model is shared with the trainer. */
export function createProviders(nano: NanoSource): readonly Provider[] {
  return [
    aiSdk,
    aiSdkService('anthropic', '@ai-sdk/anthropic'),
    aiSdkService('cohere', '@ai-sdk/cohere'),
    aiSdkService('deepseek', '@ai-sdk/deepseek'),
    fake,
    aiSdkService('google', '@ai-sdk/google'),
    aiSdkService('groq', '@ai-sdk/groq'),
    aiSdkService('mistral', '@ai-sdk/mistral'),
    createNanoProvider(nano),
    openai,
    openaiCompatible,
    replay,
    createTransformersProvider(),
    aiSdkService('xai', '@ai-sdk/xai'),
  ];
}
