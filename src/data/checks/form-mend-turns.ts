import type { DataRow, DataTurn } from '#core/data-row.ts';

/** All turns of a row, those of both answers of a preference too. */
export function everyTurn({ turns, preference }: DataRow): readonly DataTurn[] {
  return preference === undefined ? turns : [...turns, ...preference.chosen, ...preference.rejected];
}

/** A row with the texts of its turns changed; undefined where none changes. Parts besides texts stay as they are. */
export function mendTexts(row: DataRow, change: (text: string) => string): DataRow | undefined {
  let changed = false;
  const mended = (turn: DataTurn): DataTurn => {
    if (typeof turn.content !== 'string') return turn;
    const content = change(turn.content);
    if (content === turn.content) return turn;
    changed = true;
    return { ...turn, content };
  };
  const { preference } = row;
  const next: DataRow = {
    ...row,
    turns: row.turns.map(mended),
    ...(preference !== undefined && { preference: { chosen: preference.chosen.map(mended), rejected: preference.rejected.map(mended) } }),
  };
  return changed ? next : undefined;
}
