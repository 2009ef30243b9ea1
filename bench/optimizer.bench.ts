// What Rung's search of prompts reaches against DSPy (3.4.1: BootstrapFewShot, BootstrapFewShotWithRandomSearch, MIPROv2,
// GEPA with gepa 0.1.4) and ax (@ax-llm/ax 24.0.21: AxBootstrapFewShot, AxGEPA), on the same model, rows and calls, counted
// by the server that all of them ask. Rung gets half of the rivals' calls, and in a second line all of them.
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../src/core/errors.ts';
import { openNano } from '../src/nano/index.ts';
import { nanoAnswerer } from './nano-server.ts';
import { type RivalRun, runRival, type Tools } from './optimizer-contenders.ts';
import { reflectionAnswerer } from './optimizer-reflection.ts';
import { openResults, type Results } from './optimizer-results.ts';
import { type RungOutcome, runRung } from './optimizer-rung.ts';
import { startModelServer } from './optimizer-server.ts';
import { printTable } from './optimizer-table.ts';
import { clincTask, drawTask, type OptimizerTask, shippedTask } from './optimizer-tasks.ts';
import { publicData } from './public-data.ts';
import { scriptedModel } from './scripted-model.ts';
import { idealAccuracy } from './scripted-model-ideal.ts';

const shippedModel = join(import.meta.dirname, '..', 'models', 'nano');
// intents whose names are words that the embedded model can spell; of the others it answers next to none
const twentyPlain = (
  'alarm balance calculator calendar cancel date definition directions distance greeting ' +
  'insurance recipe reminder taxes time timer traffic transfer translate weather'
).split(' ');
const clincSizes = { train: 200, validation: 60, test: 200 };
const tasks: Readonly<Record<string, () => Promise<OptimizerTask>>> = {
  'nano-support': () => shippedTask('support', 'nano'),
  'nano-reviews': () => shippedTask('reviews', 'nano'),
  'nano-taskmaster': () => shippedTask('taskmaster', 'nano'),
  'nano-clinc20': () => clincTask(twentyPlain, 'nano', clincSizes),
  'scripted-support': () => shippedTask('support', 'scripted'),
  'scripted-clinc20': () => clincTask(20, 'scripted', clincSizes),
  'scripted-clinc150': () => clincTask(150, 'scripted', { train: 600, validation: 100, test: 300 }),
};

const dspyOptimisers = ['BootstrapFewShot', 'BootstrapFewShotWithRandomSearch', 'MIPROv2', 'GEPA'];
const axOptimisers = ['AxBootstrapFewShot', 'AxGEPA'];

/** `[NAMES] --dspy PYTHON --ax FOLDER --seeds 3 --calls 400 --results FILE --adapters plain,chat --rivals GEPA,…`; what FILE holds already is not run again */
export async function run(args: readonly string[]): Promise<void> {
  const flag = (name: string, fallback?: string) => (args.includes(`--${name}`) ? args[args.indexOf(`--${name}`) + 1] : fallback);
  const flags = new Set(args.flatMap((arg, index) => (arg.startsWith('--') ? [arg, args[index + 1]] : [])));
  const names = args.filter((arg) => !flags.has(arg));
  const tools: Tools = { dspy: flag('dspy'), ax: flag('ax') };
  for (const tool of ['dspy', 'ax'] as const)
    if (tools[tool] === undefined) console.log(`${tool} skipped: give --${tool} (see docs/optimizer.md)`);
  const adapters = flag('adapters')?.split(',') as RivalRun['adapter'][] | undefined;
  const only = flag('rivals')?.split(',');
  const rivals = [
    ...(tools.dspy === undefined ? [] : dspyOptimisers.map((optimiser) => ({ tool: 'dspy' as const, optimiser }))),
    ...(tools.ax === undefined ? [] : axOptimisers.map((optimiser) => ({ tool: 'ax' as const, optimiser }))),
  ].flatMap((rival) => (['plain', 'chat'] as const).map((adapter) => ({ ...rival, adapter })));
  const plan: Plan = {
    tools,
    rivals: rivals.filter(({ optimiser }) => only?.includes(optimiser) ?? true),
    adapters,
    seeds: Array.from({ length: Number(flag('seeds', '3')) }, (_, index) => index + 1),
    calls: Number(flag('calls', '400')),
    kept: await openResults(flag('results')),
  };
  for (const name of names.length > 0 ? names : Object.keys(tasks)) {
    const make = tasks[name];
    if (make === undefined) throw new Error(`${name} is none of: ${Object.keys(tasks).join(', ')}`);
    if (name.includes('clinc') && !existsSync(join(publicData, 'clinc150')))
      console.log(`${name} skipped: there is no ${publicData}/clinc150`);
    else await runTask(name, await make(), plan);
  }
}

interface Plan {
  readonly tools: Tools;
  readonly rivals: readonly RivalRun[];
  /** Those of the rivals' own prompt forms that are tried; the embedded model follows no field markers, and writes on and on. */
  readonly adapters: readonly RivalRun['adapter'][] | undefined;
  readonly seeds: readonly number[];
  readonly calls: number;
  readonly kept: Results;
}

async function runTask(name: string, task: OptimizerTask, { tools, rivals, adapters, seeds, calls, kept }: Plan): Promise<void> {
  const outcomes = new Map<string, RungOutcome[]>();
  const once = async (contender: string, seed: number, measure: () => Promise<RungOutcome>) => {
    const outcome = await kept.once({ task: name, contender, seed, budget: calls }, measure);
    outcomes.set(contender, [...(outcomes.get(contender) ?? []), outcome]);
  };
  const ideals: number[] = [];
  const nano = await openNano({ folder: shippedModel });
  try {
    for (const seed of seeds) {
      const drawn = await drawTask(task, seed, { models: { base: 'nano' }, ladder: ['zero-shot'] });
      const known = [...drawn.train, ...drawn.validation];
      const labelled = [...known, ...drawn.test].map(({ message, answer }) => ({ text: message, label: answer }));
      const short = drawn.labels.length > 0;
      const scripted = scriptedModel(short ? labelled : []);
      if (task.model === 'scripted') ideals.push(idealAccuracy(scripted, drawn, labelled));
      const models = {
        nano: nanoAnswerer(nano),
        scripted: scripted.answer,
        strong: reflectionAnswerer(
          known.map(({ message }) => ({ text: message })),
          drawn.labels,
        ),
      };
      const server = await startModelServer(models, drawn.score);
      try {
        const about = { seed, model: task.model, contextLength: task.model === 'nano' ? nano.contextLength : 100_000 };
        const entries: readonly { rung: string; calls?: number }[] = [
          { rung: 'zero-shot' },
          { rung: 'few-shot' },
          { rung: 'optimized', calls: calls / 2 },
          { rung: 'optimized', calls },
        ];
        for (const entry of entries) {
          await once(`rung ${Object.values(entry).join(' ')}`, seed, () => runRung(task, entry, server, about));
        }
        const demos = task.model === 'nano' ? { labeled: short ? 8 : 4, bootstrapped: short ? 4 : 2 } : { labeled: 16, bootstrapped: 4 };
        const settings = { name, model: task.model, budget: calls, seed, maxTokens: short ? 60 : 200, threshold: 0.999, demos };
        const forms = adapters ?? (task.model === 'nano' ? ['plain'] : ['plain', 'chat']);
        for (const rival of rivals.filter(({ adapter }) => forms.includes(adapter))) {
          const label = `${rival.tool} ${rival.optimiser} ${rival.adapter}`;
          try {
            await once(label, seed, () => runRival(rival, drawn, server, tools, settings));
          } catch (error) {
            console.error(`${name} ${label} failed: ${messageOf(error)}`);
          }
        }
      } finally {
        await server.close();
        await rm(drawn.folder, { recursive: true, force: true });
      }
    }
  } finally {
    await nano.close();
  }
  printTable(name, outcomes, ideals);
}
