import { stringify } from 'yaml';
import { dataFiles, markedConversations, preferences, type TrainingExport, texts } from './training-export.ts';

/** Axolotl: one YAML file (https://docs.axolotl.ai, dataset formats `chat_template`, `chat_template.default` for DPO, `completion`). */
export const axolotl: TrainingExport = {
  id: 'axolotl',
  summary: 'A folder for Axolotl: config.yaml and JSON lines.',
  methods: ['supervised', 'preference', 'pretraining'],
  adapter: 'adapter',
  install: 'pip install axolotl',
  command: 'axolotl train config.yaml',
  differences: [
    'It keeps the last checkpoint and the best by validation loss; the task metric is measured when the adapter is imported.',
    'Shuffling and initial weights differ, so loss curves agree in level, not number by number.',
  ],
  files({ job, base, settings, stepsPerEpoch, warmupSteps, sequenceLength }) {
    const { train, validation } = dataFiles(job, { supervised: markedConversations, preference: preferences, pretraining: texts });
    const dataset = (path: string) => ({ path, ds_type: 'json', split: 'train', ...datasetType[job.method] });
    const config = {
      base_model: base,
      ...(job.method === 'preference' ? { rl: 'dpo', rl_beta: settings.beta } : {}),
      ...(job.method === 'pretraining' ? {} : { chat_template: 'tokenizer_default' }),
      datasets: [dataset('train.jsonl')],
      ...(validation === '' ? { val_set_size: 0 } : { test_datasets: [dataset('validation.jsonl')] }),
      dataset_prepared_path: 'prepared',
      output_dir: axolotl.adapter,
      adapter: job.hyperparameters.quantization === 'nf4' ? 'qlora' : 'lora',
      load_in_4bit: job.hyperparameters.quantization === 'nf4',
      lora_r: settings.rank,
      lora_alpha: settings.alpha,
      lora_dropout: settings.dropout,
      lora_target_linear: true,
      sequence_len: sequenceLength,
      sample_packing: false,
      micro_batch_size: settings.batchSize,
      gradient_accumulation_steps: 1,
      num_epochs: settings.epochs,
      optimizer: 'adamw_torch',
      learning_rate: settings.learningRate,
      lr_scheduler: 'cosine',
      warmup_steps: warmupSteps,
      weight_decay: settings.weightDecay,
      max_grad_norm: 1,
      ...(validation === '' ? {} : { eval_steps: stepsPerEpoch, early_stopping_patience: settings.patience }),
      save_steps: stepsPerEpoch,
      logging_steps: 1,
      bf16: 'auto',
      seed: job.seed,
    };
    return {
      'config.yaml': stringify(config, { aliasDuplicateObjects: false }),
      'train.jsonl': train,
      ...(validation === '' ? {} : { 'validation.jsonl': validation }),
    };
  },
};

const datasetType = {
  supervised: {
    type: 'chat_template',
    field_messages: 'messages',
    roles_to_train: ['assistant'],
    message_field_training: 'train',
    train_on_eos: 'turn',
  },
  preference: { type: 'chat_template.default', field_messages: 'messages', field_chosen: 'chosen', field_rejected: 'rejected' },
  pretraining: { type: 'completion', field: 'text' },
} as const;
