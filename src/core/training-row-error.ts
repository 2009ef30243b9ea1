import { exitCodes, inputError, type Place, RungError } from './errors.ts';

/** A row of a training job: which one of its part, from 0. */
export interface RowOfJob {
  readonly part: 'train' | 'validation';
  readonly index: number;
}

interface TrainingRowFault {
  readonly code: string;
  readonly row: RowOfJob;
  /** What is wrong, as it goes on after the row's name: "has 700 tokens; the model reads 512." */
  readonly fault: string;
  readonly hint: string;
}

const partNames = { train: 'training', validation: 'validation' } as const;

/** A row that cannot be learnt: a usage error. A trainer knows it by its number; whoever knows its file says the line. */
export class TrainingRowError extends RungError {
  readonly row: RowOfJob;
  readonly #fault: TrainingRowFault;

  constructor(fault: TrainingRowFault) {
    const { code, row, hint } = fault;
    const message = `Row ${row.index + 1} of the ${partNames[row.part]} rows ${fault.fault}`;
    super({ code, message, hint, exitCode: exitCodes.usage });
    this.row = row;
    this.#fault = fault;
  }

  /** The same of a row whose file and line are known. */
  at(place: Place): RungError {
    const { code, row, fault, hint } = this.#fault;
    return inputError({ code, message: `This ${partNames[row.part]} row ${fault}`, hint, place, cause: this });
  }
}

/** Where a row of a job stands in the user's files; undefined where that is not known. */
export type PlaceOfRow = (row: RowOfJob) => Promise<Place | undefined>;

/** An error as the owner of the rows can read it: a row's file and line for its number, where they are known. */
export async function locatedRow(error: unknown, placeOf: PlaceOfRow | undefined): Promise<unknown> {
  if (!(error instanceof TrainingRowError)) return error;
  // whatever stands in the way of finding the line, the row's own fault is what is told
  const place = await placeOf?.(error.row).catch(() => undefined);
  return place === undefined ? error : error.at(place);
}
