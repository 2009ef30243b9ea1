import type { CalibrationRow } from '#core/calibration.ts';
import { inputError } from '#core/errors.ts';
import type { CheckedTask } from './checked-task.ts';
import { resolveInside } from './inside-folder.ts';
import { quoted, suggestName } from './nearest.ts';
import { readRecords } from './read-records.ts';

/** Reads `calibration:`: per metric a file of answers that the judge and a person both marked as right (1) or wrong (0). */
export async function readCalibration(
  { folder, document, shape }: CheckedTask,
  metricIds: readonly string[],
): Promise<Record<string, CalibrationRow[]>> {
  const read: Record<string, CalibrationRow[]> = {};
  for (const [metric, path] of Object.entries(shape.calibration)) {
    const place = document.placeOf(['calibration', metric]);
    if (!metricIds.includes(metric)) {
      throw inputError({
        code: 'calibration-unknown',
        message: `There is a calibration for ${quoted(metric)}, which is no metric of this task.`,
        hint: suggestName(metric, metricIds),
        place,
      });
    }
    read[metric] = await readRows(await resolveInside(folder, path, 'calibration file', place), shape.maximumRowBytes);
  }
  return read;
}

async function readRows(file: string, maximumRowBytes: number): Promise<CalibrationRow[]> {
  const rows: CalibrationRow[] = [];
  for await (const { line, fields } of readRecords(file, maximumRowBytes)) {
    rows.push({ judge: mark(fields, 'judge', file, line), human: mark(fields, 'human', file, line) });
  }
  return rows;
}

function mark(fields: Readonly<Record<string, unknown>>, name: string, file: string, line: number): 0 | 1 {
  const value = fields[name];
  if (value === 0 || value === false || value === '0') return 0;
  if (value === 1 || value === true || value === '1') return 1;
  throw inputError({
    code: 'calibration-unreadable',
    message: `Line ${line} says ${quoted(value)} for ${name}, which is neither 0 nor 1.`,
    hint: 'Write {"judge": 1, "human": 0}: 1 for right, 0 for wrong.',
    place: { file, line },
  });
}
