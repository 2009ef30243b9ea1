import { inputError } from '#core/errors.ts';
import type { SplitName } from '#core/example.ts';
import { quoted } from '#data/nearest.ts';
import type { KeptSides } from './kept-sides.ts';
import type { RowColumns } from './row-columns.ts';
import type { Sides } from './split-record.ts';

interface Planned {
  readonly columns: RowColumns;
  readonly told: Int8Array;
  readonly shares: Sides;
  readonly counts: Sides;
  readonly clusters: number;
  readonly largestCluster: number;
  /** Sets of rows that must stay together and that the file puts on different sides. */
  readonly torn: number;
  readonly near: { readonly approximate: boolean };
  readonly kept: KeptSides | undefined;
  readonly options: { readonly groupField?: string; readonly ignoreTold?: boolean };
}

const namedIds = 5;

/** Sentences about what in a split may not be what was meant. */
export function splitWarnings({ columns, told, shares, counts, clusters, largestCluster, torn, near, kept, options }: Planned): string[] {
  const warnings: string[] = [];
  const toldRows = options.ignoreTold ? 0 : columns.told.filter((side) => side !== -1).length;
  if (toldRows > 0) {
    warnings.push(
      `${rowsText(toldRows, columns.size)} ${toldRows === 1 ? 'names its' : 'name their'} side and ${toldRows === 1 ? 'keeps' : 'keep'} it; --ignore-sides splits ${toldRows === 1 ? 'it' : 'them'} anew.`,
    );
  }
  if (torn > 0) {
    warnings.push(
      kept === undefined
        ? `${torn} ${torn === 1 ? 'set' : 'sets'} of near-duplicates or of one group lie on several sides of what the file says: results may look better than they are.`
        : `${torn} ${torn === 1 ? 'set' : 'sets'} of near-duplicates or of one group lay on several sides before; where one of the rows was a test row, all of them are now.`,
    );
  }
  if (clusters > 1 && largestCluster > 10 && largestCluster > columns.size / 4) {
    warnings.push(
      `${largestCluster} of ${columns.size} rows hang together by group or near-duplication and stay on one side, so the parts may miss their sizes.`,
    );
  }
  if (columns.repeatedIds > 0) {
    warnings.push(
      `${columns.repeatedIds === 1 ? 'One row has' : `${columns.repeatedIds} rows have`} the id of an earlier row; rows of one id stay together.`,
    );
  }
  const grouped = columns.groups.filter((group) => group !== -1).length;
  if (options.groupField !== undefined && grouped < columns.size) {
    warnings.push(
      `${rowsText(columns.size - grouped, columns.size)} ${columns.size - grouped === 1 ? 'names' : 'name'} no group and may go anywhere.`,
    );
  }
  if (shares.validation > 0 && counts.validation === 0 && !told.includes(1)) {
    warnings.push('The validation part is empty: there are too few rows that are independent of each other.');
  }
  if (near.approximate) warnings.push('The rows are so many and so alike that some near-duplicates may have been missed.');
  if (kept !== undefined && kept.vanished.length > 0) {
    const { vanished } = kept;
    const some = vanished.slice(0, namedIds).map(quoted).join(', ');
    warnings.push(
      `${vanished.length === 1 ? 'One earlier test row is' : `${vanished.length} earlier test rows are`} not in the file any more (${some}${vanished.length > namedIds ? ', …' : ''}): figures on the new test part are not figures on the earlier one.`,
    );
  }
  return warnings;
}

function rowsText(count: number, of: number): string {
  return `${count} of ${of} rows`;
}

/** Throws where a group field was named that no row has. */
export function checkGroupField({ groups, size }: RowColumns, { groupField, file }: { groupField?: string; file: string }): void {
  if (groupField === undefined || size === 0 || groups.some((group) => group !== -1)) return;
  throw inputError({
    code: 'group-missing',
    message: `No row has the field ${quoted(groupField)}.`,
    hint: 'Name a field of the rows; a path as metadata.customer reaches into one.',
    place: { file },
  });
}

export function cannotSplit(part: SplitName, clusters: number, file: string): Error {
  return inputError({
    code: 'split-impossible',
    message: `The ${part} part would be empty: the rows are only ${clusters} independent ${clusters === 1 ? 'set' : 'sets'} once groups and near-duplicates are kept together.`,
    hint: 'Add rows that differ, give finer groups, or mark each row with its split.',
    place: { file },
  });
}
