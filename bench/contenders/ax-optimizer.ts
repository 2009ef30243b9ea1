// One ax optimiser on one job: reads the job from standard input, prints predictions and what it found as one JSON line.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

interface Row {
  readonly id: string;
  readonly message: string;
  readonly answer: string;
}

interface Job {
  readonly optimiser: string;
  readonly adapter: 'chat' | 'plain';
  readonly model: string;
  readonly baseUrl: string;
  readonly testUrl: string;
  readonly scoreUrl: string;
  readonly labels: readonly string[];
  readonly instructions: string;
  readonly plainInstructions: string;
  readonly budget: number;
  readonly seed: number;
  readonly maxTokens: number;
  readonly threshold: number;
  readonly demos: { readonly labeled: number; readonly bootstrapped: number };
  readonly train: readonly Row[];
  readonly validation: readonly Row[];
  readonly test: readonly Row[];
}

const job = JSON.parse(await text(process.stdin)) as Job;
const folder = join(process.env['AX_FOLDER'] ?? '.', 'node_modules', '@ax-llm', 'ax');
const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
const { ai, ax, f, AxBootstrapFewShot, AxGEPA } = await import(pathToFileURL(join(folder, 'index.js')).href);
const log = console.log;
console.log = console.error;

const service = (apiURL: string, model: string, maxTokens: number, temperature: number) =>
  ai({ name: 'openai', apiKey: 'none', apiURL, config: { model, temperature, maxTokens, stream: false } });
const student = service(job.baseUrl, job.model, job.maxTokens, 0);
const teacher = service(job.baseUrl, 'strong', 4000, 1);
const answer = job.adapter === 'chat' && job.labels.length > 0 ? f.class(job.labels, 'the answer') : f.string('the answer');
// the plain form has the task alone as its system message, and no list of fields
const plain = job.adapter === 'plain';
const description = plain ? job.plainInstructions : job.instructions;
const signature = f().input('message', f.string()).output('answer', answer).description(description).build();
const program = ax(signature, { maxRetries: 1, ...(plain && { customTemplate: '{{ taskDefinitionText }}' }) });

async function scoreOf({ prediction, example }: { prediction: { answer?: unknown }; example: Row }): Promise<number> {
  const body = JSON.stringify({ id: example.id, text: String(prediction?.answer ?? '') });
  const response = await fetch(job.scoreUrl, { method: 'POST', body });
  return ((await response.json()) as { score: number }).score;
}

const settings = { studentAI: student, teacherAI: teacher, seed: job.seed, verbose: false };
const { bootstrapped } = job.demos;
let found: unknown = null;
if (job.optimiser === 'AxBootstrapFewShot') {
  // its teacher writes the examples; here that is the model itself, as for the others. All rows but one stand in its prompt
  // while it gathers examples: no more than the context holds
  const rows = job.train.slice(0, 2 * job.demos.labeled);
  const options = { maxDemos: bootstrapped, maxRounds: 3, maxExamples: rows.length, qualityThreshold: job.threshold };
  const result = await new AxBootstrapFewShot({ ...settings, teacherAI: student, options }).compile(program, rows, scoreOf);
  if (result.demos?.length > 0) program.setDemos(result.demos);
  found = { demos: result.demos?.flatMap((demo: { traces: unknown[] }) => demo.traces).length ?? 0 };
} else if (job.optimiser === 'AxGEPA') {
  const minibatchSize = 5;
  const numTrials = Math.floor((job.budget - job.validation.length) / (2 * minibatchSize));
  const result = await new AxGEPA({ ...settings, numTrials, minibatch: true, minibatchSize, earlyStoppingTrials: numTrials }).compile(
    program,
    job.train,
    scoreOf,
    { validationExamples: job.validation, maxMetricCalls: job.budget, bootstrap: { maxBootstrapDemos: bootstrapped } },
  );
  if (result.optimizedProgram !== undefined) program.applyOptimization(result.optimizedProgram);
  found = { instructions: result.optimizedProgram?.instruction, best: result.bestScore };
} else if (job.optimiser !== 'none') throw new Error(job.optimiser);

const tester = service(job.testUrl, job.model, job.maxTokens, 0);
const predictions: (string | null)[] = new Array(job.test.length).fill(null);
let next = 0;
await Promise.all(
  Array.from({ length: 8 }, async () => {
    while (next < job.test.length) {
      const index = next++;
      try {
        predictions[index] = String((await program.forward(tester, { message: job.test[index]?.message })).answer);
      } catch {
        // an answer that cannot be read is a wrong answer
      }
    }
  }),
);
log(JSON.stringify({ predictions, found, version }));
process.exit(0);
