import { isJsonObject } from '#core/json.ts';

/** What a person did, as the journal holds it. `at` is milliseconds since 1970. */
export type LabelEvent =
  | {
      readonly do: 'label';
      readonly at: number;
      readonly by: string;
      readonly row: string;
      readonly label: string;
      readonly draft?: string;
    }
  | { readonly do: 'skip'; readonly at: number; readonly by: string; readonly row: string }
  /** The last word on a row on which people disagreed. */
  | { readonly do: 'decide'; readonly at: number; readonly by: string; readonly row: string; readonly label: string }
  /** Takes back the latest act of the same person that was not taken back yet. */
  | { readonly do: 'undo'; readonly at: number; readonly by: string };

/** An act that stands or fell by an `undo`. */
export type LabelAct = Exclude<LabelEvent, { readonly do: 'undo' }>;

/** Reads a line of a journal; undefined where it is none, as the torn last line of a process that was killed. */
export function parseEvent(line: string): LabelEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { do: what, at, by, row, label, draft } = value;
  if (typeof at !== 'number' || !Number.isFinite(at) || typeof by !== 'string') return undefined;
  if (what === 'undo') return { do: what, at, by };
  if (typeof row !== 'string') return undefined;
  if (what === 'skip') return { do: what, at, by, row };
  if (typeof label !== 'string') return undefined;
  if (what === 'decide') return { do: what, at, by, row, label };
  if (what !== 'label') return undefined;
  return { do: what, at, by, row, label, ...(typeof draft === 'string' ? { draft } : {}) };
}
