import { stringify } from 'yaml';
import { conversations, dataFiles, preferences, type TrainingExport, texts } from './training-export.ts';

/** LLaMA-Factory: dataset_info.json and one YAML file (https://github.com/hiyouga/LLaMA-Factory, data/README.md and examples/train_lora). */
export const llamaFactory: TrainingExport = {
  id: 'llama-factory',
  summary: 'A folder for LLaMA-Factory: train.yaml, dataset_info.json and JSON lines.',
  methods: ['supervised', 'preference', 'pretraining'],
  adapter: 'adapter',
  install: 'pip install llamafactory "torch<2.14"',
  command: 'llamafactory-cli train train.yaml',
  differences: [
    'Turns of weight 0 are learnt: it knows no weights of single turns.',
    'Without `template:` it takes the chat template of the tokenizer apart into turns, which fails for one that writes a begin token (it then stands before every turn), trims text or writes thoughts. Read the inputs that it prints before it trains, and name a template of its own where they are not those of the base.',
    'Shuffling and initial weights differ, so loss curves agree in level, not number by number.',
  ],
  files({ job, base, settings, stepsPerEpoch, warmupSteps, sequenceLength }) {
    const { train, validation } = dataFiles(job, { supervised: conversations, preference: preferences, pretraining: texts });
    const config = {
      model_name_or_path: base,
      stage: stages[job.method],
      do_train: true,
      finetuning_type: 'lora',
      lora_target: 'all',
      lora_rank: settings.rank,
      lora_alpha: settings.alpha,
      lora_dropout: settings.dropout,
      ...(job.hyperparameters.quantization === 'nf4' ? { quantization_bit: 4, quantization_method: 'bnb' } : {}),
      ...(job.method === 'preference' ? { pref_beta: settings.beta, pref_loss: 'sigmoid' } : {}),
      dataset_dir: '.',
      dataset: 'train',
      ...(validation === '' ? {} : { eval_dataset: 'validation' }),
      cutoff_len: sequenceLength,
      packing: false,
      output_dir: llamaFactory.adapter,
      overwrite_output_dir: true,
      per_device_train_batch_size: settings.batchSize,
      gradient_accumulation_steps: 1,
      num_train_epochs: settings.epochs,
      learning_rate: settings.learningRate,
      lr_scheduler_type: 'cosine',
      warmup_steps: warmupSteps,
      weight_decay: settings.weightDecay,
      logging_steps: 1,
      save_steps: stepsPerEpoch,
      ...(validation === ''
        ? {}
        : { eval_strategy: 'steps', eval_steps: stepsPerEpoch, load_best_model_at_end: true, early_stopping_steps: settings.patience }),
      report_to: 'none',
      seed: job.seed,
    };
    const described = descriptions[job.method];
    const info = { train: { file_name: 'train.jsonl', ...described }, validation: { file_name: 'validation.jsonl', ...described } };
    return {
      'train.yaml': stringify(config, { aliasDuplicateObjects: false }),
      'dataset_info.json': `${JSON.stringify(validation === '' ? { train: info.train } : info, null, 2)}\n`,
      'train.jsonl': train,
      ...(validation === '' ? {} : { 'validation.jsonl': validation }),
    };
  },
};

const stages = { supervised: 'sft', preference: 'dpo', pretraining: 'pt' } as const;

const tags = {
  role_tag: 'role',
  content_tag: 'content',
  user_tag: 'user',
  assistant_tag: 'assistant',
  system_tag: 'system',
};

const descriptions = {
  supervised: { formatting: 'sharegpt', columns: { messages: 'messages' }, tags },
  preference: {
    formatting: 'sharegpt',
    ranking: true,
    columns: { messages: 'messages', chosen: 'chosen', rejected: 'rejected' },
    tags,
  },
  pretraining: { columns: { prompt: 'text' } },
} as const;
