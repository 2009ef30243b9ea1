import { dataFiles, type ExportedJob, promptedPreferences, promptsAndCompletions, type TrainingExport, texts } from './training-export.ts';

/**
 * Unsloth: a Python script over its FastLanguageModel and TRL (https://docs.unsloth.ai). Conversations go out as prompts and
 * completions, one row for each learnt turn, so that only answers are learnt whatever the chat template.
 */
export const unsloth: TrainingExport = {
  id: 'unsloth',
  summary: 'A folder for Unsloth: train.py and JSON lines.',
  methods: ['supervised', 'preference', 'pretraining'],
  adapter: 'adapter',
  install: 'pip install unsloth',
  command: 'python train.py',
  differences: [
    'It needs a GPU.',
    'Rows of several assistant turns were cut into one row for each.',
    'It keeps the best checkpoint by validation loss; the task metric is measured when the adapter is imported.',
  ],
  files(exported) {
    const { job } = exported;
    const { train, validation } = dataFiles(job, {
      supervised: promptsAndCompletions,
      preference: promptedPreferences,
      pretraining: texts,
    });
    return {
      'train.py': script(exported, train.split('\n').length - 1, validation !== ''),
      'train.jsonl': train,
      ...(validation === '' ? {} : { 'validation.jsonl': validation }),
    };
  },
};

function script({ job, base, settings, sequenceLength }: ExportedJob, rows: number, hasValidation: boolean): string {
  const warmupSteps = Math.ceil(Math.ceil(Math.ceil(rows / settings.batchSize) * settings.epochs) * settings.warmupRatio);
  const [config, trainer] = job.method === 'preference' ? ['DPOConfig', 'DPOTrainer'] : ['SFTConfig', 'SFTTrainer'];
  const own = job.method === 'preference' ? [`beta=${settings.beta},`] : job.method === 'pretraining' ? ['dataset_text_field="text",'] : [];
  const watching = hasValidation
    ? ['eval_strategy="epoch",', 'load_best_model_at_end=True,', 'metric_for_best_model="eval_loss",']
    : ['eval_strategy="no",'];
  const callbacks = hasValidation ? `[EarlyStoppingCallback(early_stopping_patience=${settings.patience})]` : '[]';
  const configLines = [
    `output_dir="checkpoints",`,
    'max_length=length,',
    `per_device_train_batch_size=${settings.batchSize},`,
    'gradient_accumulation_steps=1,',
    `num_train_epochs=${settings.epochs},`,
    `learning_rate=${settings.learningRate},`,
    'lr_scheduler_type="cosine",',
    `warmup_steps=${warmupSteps},`,
    `weight_decay=${settings.weightDecay},`,
    'max_grad_norm=1.0,',
    'logging_steps=1,',
    'save_strategy="epoch",',
    ...watching,
    'report_to="none",',
    `seed=${job.seed},`,
    ...own,
  ];
  return `"""LoRA with Unsloth: ${unsloth.command}"""

from unsloth import FastLanguageModel  # first, so that its patches reach Transformers and TRL

from datasets import load_dataset
from transformers import AutoConfig, EarlyStoppingCallback
from trl import ${config}, ${trainer}

base = ${JSON.stringify(base)}
# no row is longer; beyond the base's own context Unsloth would stretch its positions
length = min(${sequenceLength}, getattr(AutoConfig.from_pretrained(base), "max_position_embeddings", ${sequenceLength}))
model, tokenizer = FastLanguageModel.from_pretrained(
    model_name=base,
    max_seq_length=length,
    load_in_4bit=${job.hyperparameters.quantization === 'nf4' ? 'True' : 'False'},
)
model = FastLanguageModel.get_peft_model(
    model,
    r=${settings.rank},
    lora_alpha=${settings.alpha},
    lora_dropout=${settings.dropout},
    target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
    bias="none",
    use_gradient_checkpointing="unsloth",
    random_state=${job.seed},
)

data = load_dataset("json", data_files={"train": "train.jsonl"${hasValidation ? ', "validation": "validation.jsonl"' : ''}})
trainer = ${trainer}(
    model=model,
    processing_class=tokenizer,
    train_dataset=data["train"],
    eval_dataset=${hasValidation ? 'data["validation"]' : 'None'},
    callbacks=${callbacks},
    args=${config}(
${configLines.map((line) => `        ${line}`).join('\n')}
    ),
)
trainer.train()
model.save_pretrained(${JSON.stringify(unsloth.adapter)})
tokenizer.save_pretrained(${JSON.stringify(unsloth.adapter)})
`;
}
