import type { DataContainer, DataFormat } from '#core/data-format.ts';
import { inputError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { dataFormats } from './index.ts';

/** The format that a sample of records looks most like, with a sentence. Throws a usage error where it looks like none. */
export function recogniseFormat(
  records: readonly JsonObject[],
  file: string,
  container: DataContainer,
): { readonly format: DataFormat; readonly recognised: string } {
  const scored = dataFormats
    .map((format) => ({ format, mean: records.reduce((sum, record) => sum + format.recognise(record), 0) / Math.max(1, records.length) }))
    .sort((left, right) => right.mean - left.mean);
  const [best, second] = scored;
  if (best === undefined || best.mean === 0) throw notRecognised(records, file);
  const { format, mean } = best;
  const fitting = records.filter((record) => format.recognise(record) > 0).length;
  const sure = mean >= 0.85 ? 'surely' : mean >= 0.6 ? 'most likely' : 'perhaps';
  const other = second !== undefined && second.mean > 0.8 * mean ? `; ${second.format.id} would fit too` : '';
  return {
    format,
    recognised: `Read as ${format.id} in ${container}, ${sure}: ${fitting} of the first ${records.length} records fit (${format.summary})${other}. --from names another.`,
  };
}

function notRecognised(records: readonly JsonObject[], file: string): Error {
  const names = Object.keys(records[0] ?? {});
  const seen = names.length === 0 ? 'No record of it can be read. ' : `Its first record has the fields ${names.slice(0, 10).join(', ')}. `;
  return inputError({
    code: 'format-unknown',
    message: `${file} looks like no format that is known.`,
    hint: `${seen}Name the format with --from, or say where question and answer lie with --map input=… --map output=….`,
    place: { file },
  });
}
