import type { Trainer } from '#core/trainer.ts';
import type { NanoSource } from '#nano/nano-source.ts';
import { adapterTrainer } from './adapter.ts';
import { azureTrainer } from './azure.ts';
import { bedrockTrainer } from './bedrock.ts';
import { fireworksTrainer } from './fireworks.ts';
import { mistralTrainer } from './mistral.ts';
import { nanoTrainer } from './nano.ts';
import { openaiTrainer } from './openai.ts';
import { peftTrainer } from './peft.ts';
import { togetherTrainer } from './together.ts';

/** Every trainer that comes with Rung, one sorted line each. */
export function createTrainers(nano: NanoSource): readonly Trainer[] {
  return [
    adapterTrainer(),
    azureTrainer(),
    bedrockTrainer(),
    fireworksTrainer(),
    mistralTrainer(),
    nanoTrainer(nano),
    openaiTrainer(),
    peftTrainer(),
    togetherTrainer(),
  ];
}
