import { type DataFormat, defineDataFormat, type WrittenRows } from '#core/data-format.ts';
import type { JsonObject } from '#core/json.ts';
import { readAlpaca, writeAlpaca } from './alpaca.ts';
import { readSharegpt, writeSharegpt } from './sharegpt.ts';

const source = 'https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md';

/** ShareGPT rows with the entry of `dataset_info.json` that LLaMA-Factory finds them by. */
export const llamaFactory: DataFormat = defineDataFormat({
  id: 'llama-factory',
  summary: 'LLaMA-Factory: ShareGPT rows and dataset_info.json',
  source,
  container: 'json',
  recognise: () => 0,
  read: readSharegpt,
  write: writeSharegpt,
  sideFiles: (file, rows) =>
    datasetInfo(file, rows, {
      formatting: 'sharegpt',
      columns: { messages: 'conversations', ...(rows.tools ? { tools: 'tools' } : {}), ...(rows.preferences ? pairColumns : {}) },
    }),
});

/** Alpaca rows with their entry. */
export const llamaFactoryAlpaca: DataFormat = defineDataFormat({
  id: 'llama-factory-alpaca',
  summary: 'LLaMA-Factory: Alpaca rows and dataset_info.json',
  source,
  container: 'json',
  recognise: () => 0,
  read: readAlpaca,
  write: (row) => {
    const { record, lost } = writeAlpaca(row);
    // The loader asks each row for every column that the entry names.
    return { record: { system: '', history: [], ...record }, lost };
  },
  sideFiles: (file, rows) =>
    datasetInfo(file, rows, {
      columns: {
        prompt: 'instruction',
        query: 'input',
        ...(rows.preferences ? pairColumns : { response: 'output' }),
        system: 'system',
        history: 'history',
      },
    }),
});

const pairColumns = { chosen: 'chosen', rejected: 'rejected' };

function datasetInfo(file: string, { preferences }: WrittenRows, description: JsonObject): Readonly<Record<string, string>> {
  const name = file.replace(/\.gz$/i, '').replace(/\.[^.]+$/, '');
  const entry = { file_name: file, ...(preferences ? { ranking: true } : {}), ...description };
  return { 'dataset_info.json': `${JSON.stringify({ [name]: entry }, null, 2)}\n` };
}
