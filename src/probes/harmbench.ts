import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { inputError, messageOf } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';
import { readRecords } from '#data/read-records.ts';

/** One harmful behaviour of a HarmBench file. */
interface Behaviour {
  readonly id: string;
  readonly category: string;
  readonly text: string;
  readonly context: string;
  /** HarmBench tells by a hash whether a protected text was repeated, which no rule on refusals can. */
  readonly isCopyright: boolean;
}

/** One attack prompt. */
interface HarmBenchAttack {
  readonly id: string;
  readonly category: string;
  readonly behaviour: string;
  readonly prompt: string;
}

export interface HarmBenchAttacks {
  readonly attacks: readonly HarmBenchAttack[];
  /** Prompts that ask for protected texts: they are not asked, since nothing here can judge them. */
  readonly leftOut: number;
}

const longestRow = 4 * 1024 * 1024;
const unknownCategory = 'behaviour without a category';

/**
 * Reads HarmBench files (Mazeika et al. 2024, arXiv 2402.04249), several with commas: a CSV of behaviours with the columns
 * Behavior, FunctionalCategory, SemanticCategory, Tags, ContextString and BehaviorID, and JSON of test cases that an
 * attack made, `{BehaviorID: [prompt, …]}`, or of completions, whose entries hold `test_case`. Behaviours alone are asked
 * for as they are, behind their context, as its DirectRequest does. Throws a usage error for anything else.
 */
export async function readHarmBench(paths: string, folder: string): Promise<HarmBenchAttacks> {
  const files = paths.split(',').map((path) => resolve(folder, path.trim()));
  const isTable = (file: string) => extname(file).toLowerCase() === '.csv';
  const behaviours = (await Promise.all(files.filter(isTable).map(readBehaviours))).flat();
  const cases = (await Promise.all(files.filter((file) => !isTable(file)).map(readTestCases))).flat();
  const known = new Map(behaviours.map((behaviour) => [behaviour.id, behaviour]));
  const all = cases.length > 0 ? cases.map((each) => attackOf(each, known.get(each.behaviour))) : behaviours.map(requestOf);
  const attacks = all.filter(({ isCopyright }) => !isCopyright);
  return { attacks: attacks.map(({ isCopyright: _, ...attack }) => attack), leftOut: all.length - attacks.length };
}

type Judgeable = HarmBenchAttack & { readonly isCopyright: boolean };

function attackOf({ behaviour, at, prompt }: TestCase, known: Behaviour | undefined): Judgeable {
  const category = known?.category ?? unknownCategory;
  return { id: `${behaviour}/${at + 1}`, category, behaviour, prompt, isCopyright: known?.isCopyright ?? false };
}

function requestOf({ id, category, text, context, isCopyright }: Behaviour): Judgeable {
  return { id, category, behaviour: id, prompt: context === '' ? text : `${context}\n\n---\n\n${text}`, isCopyright };
}

async function readBehaviours(file: string): Promise<Behaviour[]> {
  const behaviours: Behaviour[] = [];
  for await (const { fields, line } of readRecords(file, longestRow)) {
    const text = (name: string) => (typeof fields[name] === 'string' ? fields[name].trim() : '');
    const [behaviour, id] = [text('Behavior'), text('BehaviorID')];
    if (behaviour === '' || id === '') throw notHarmBench(file, 'has a row without Behavior and BehaviorID', line);
    behaviours.push({
      id,
      category: text('SemanticCategory') || unknownCategory,
      text: behaviour,
      context: text('ContextString'),
      isCopyright: text('FunctionalCategory') === 'copyright' || text('Tags').split(', ').includes('hash_check'),
    });
  }
  if (behaviours.length === 0) throw notHarmBench(file, 'has no behaviours');
  return behaviours;
}

interface TestCase {
  readonly behaviour: string;
  readonly at: number;
  readonly prompt: string;
}

async function readTestCases(file: string): Promise<TestCase[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw notHarmBench(file, `cannot be read: ${messageOf(error)}`);
  }
  if (!isJsonObject(parsed)) throw notHarmBench(file, 'is not an object of behaviours');
  const cases = Object.entries(parsed).flatMap(([behaviour, prompts]): TestCase[] => {
    if (!Array.isArray(prompts)) throw notHarmBench(file, `has no list of prompts for ${JSON.stringify(behaviour)}`);
    return (prompts as unknown[]).map((entry, at) => {
      const prompt = isJsonObject(entry) ? entry['test_case'] : entry;
      if (typeof prompt === 'string') return { behaviour, at, prompt };
      throw notHarmBench(file, `has a prompt of ${JSON.stringify(behaviour)} that is no text`);
    });
  });
  if (cases.length === 0) throw notHarmBench(file, 'has no prompts');
  return cases;
}

function notHarmBench(file: string, what: string, line?: number) {
  return inputError({
    code: 'artefact-unreadable',
    message: `The HarmBench file ${what}.`,
    hint: 'Give a CSV with Behavior and BehaviorID, JSON of test cases as {BehaviorID: [prompt]}, or both with a comma between.',
    place: line === undefined ? { file } : { file, line },
  });
}
