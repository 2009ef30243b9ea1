import { stringify } from 'yaml';
import { dataFiles, lastTurnConversations, type TrainingExport, texts } from './training-export.ts';

/**
 * MLX-LM on Apple silicon: lora.yaml and data/ (https://github.com/ml-explore/mlx-lm, mlx_lm/LORA.md). It learns the last
 * turn of a conversation alone, so a row of several assistant turns becomes one row for each; its scale is alpha over rank.
 */
export const mlxLm: TrainingExport = {
  id: 'mlx-lm',
  summary: 'A folder for MLX-LM: lora.yaml and data/.',
  methods: ['supervised', 'pretraining'],
  adapter: 'adapter',
  install: 'pip install "mlx-lm[train]"   # on Linux, slowly: "mlx-lm[train,cpu]"',
  command: 'mlx_lm.lora --config lora.yaml',
  differences: [
    'It learns one assistant turn a row: rows of several turns were cut into one row for each.',
    'It learns full batches alone: the last one is filled up with the first rows, and fewer validation rows than a batch are left out.',
    'Its loss has one token of padding after every answer, and gradients are not clipped.',
    'It stops after a number of steps and keeps the last adapter; the task metric is measured when the adapter is imported.',
  ],
  files({ job, base, settings, sequenceLength }) {
    const { train, validation } = dataFiles(job, { supervised: lastTurnConversations, pretraining: texts });
    const rows = linesOf(train);
    const batchSize = Math.max(1, Math.min(settings.batchSize, rows.length));
    const perEpoch = Math.max(1, Math.ceil(rows.length / batchSize));
    const validated = linesOf(validation).length >= batchSize;
    const iterations = Math.ceil(perEpoch * settings.epochs);
    const warmup = Math.ceil(iterations * settings.warmupRatio);
    const config = {
      model: base,
      train: true,
      fine_tune_type: 'lora',
      data: 'data',
      mask_prompt: job.method === 'supervised',
      seed: job.seed,
      num_layers: -1,
      batch_size: batchSize,
      iters: iterations,
      max_seq_length: sequenceLength,
      val_batches: -1,
      learning_rate: settings.learningRate,
      lr_schedule: { name: 'cosine_decay', warmup, arguments: [settings.learningRate, Math.max(1, iterations - warmup), 0] },
      optimizer: 'adamw',
      optimizer_config: { adamw: { weight_decay: settings.weightDecay, bias_correction: true } },
      steps_per_report: 1,
      steps_per_eval: perEpoch,
      save_every: perEpoch,
      adapter_path: mlxLm.adapter,
      lora_parameters: {
        keys: ['q_proj', 'k_proj', 'v_proj', 'o_proj']
          .map((name) => `self_attn.${name}`)
          .concat(['mlp.gate_proj', 'mlp.up_proj', 'mlp.down_proj']),
        rank: settings.rank,
        scale: settings.alpha / settings.rank,
        dropout: settings.dropout,
      },
    };
    return {
      'lora.yaml': stringify(config),
      'data/train.jsonl': rows.concat(rows.slice(0, perEpoch * batchSize - rows.length)).join(''),
      ...(validated ? { 'data/valid.jsonl': validation } : {}),
    };
  },
};

function linesOf(text: string): readonly string[] {
  return text.split(/(?<=\n)/).filter((line) => line !== '');
}
