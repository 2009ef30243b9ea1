import type { DataContainer } from '#core/data-format.ts';
import type { DetectedContainer } from './detect-container.ts';
import { readJson } from './json.ts';
import { readJsonl } from './jsonl.ts';
import { BrokenInput, openBytes } from './open-bytes.ts';
import { readParquet } from './parquet.ts';
import type { ReadItem, ReadingOptions } from './read-record.ts';
import { readTable } from './table.ts';
import { readYaml } from './yaml.ts';

type ReadFile = (file: string, options: ReadingOptions, delimiter: string) => AsyncGenerator<ReadItem>;

const readers: Readonly<Record<DataContainer, ReadFile>> = {
  jsonl: (file, options) => readJsonl(openBytes(file), options),
  json: (file, options) => readJson(openBytes(file), options),
  csv: (file, options, delimiter) => readTable(openBytes(file), options, delimiter),
  tsv: (file, options, delimiter) => readTable(openBytes(file), options, delimiter),
  yaml: (file, options) => readYaml(openBytes(file), options),
  parquet: readParquet,
};

/** Streams the records of a file. Where the file breaks off, a last item says so. */
export async function* readContainer(
  file: string,
  { container, delimiter }: DetectedContainer,
  options: ReadingOptions,
): AsyncGenerator<ReadItem> {
  let last = 0;
  try {
    for await (const item of readers[container](file, options, delimiter)) {
      last = item.line;
      yield item;
    }
  } catch (error) {
    if (!(error instanceof BrokenInput)) throw error;
    const unit = container === 'jsonl' || container === 'csv' || container === 'tsv' ? 'line' : 'record';
    yield { line: last + 1, code: error.code, message: `${error.message}${last === 0 ? '' : `, after ${unit} ${last}`}.`, fix: error.fix };
  }
}
