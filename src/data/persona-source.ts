import type { Persona } from '#core/task-brief.ts';
import { checkShape } from './check-shape.ts';
import type { CheckedTask } from './checked-task.ts';
import { findInside, resolveInside } from './inside-folder.ts';
import { partOf, readYaml, type SourceDocument } from './source-document.ts';
import { personaSchema } from './task-schema.ts';

export interface ReadPersona {
  readonly persona: Persona;
  /** The document that says it, for the lines of messages. */
  readonly source: SourceDocument;
}

/** Reads the persona: inline, from the file that is named, or from persona.yaml where it lies in the folder. */
export async function readPersona({ folder, document, shape }: CheckedTask): Promise<ReadPersona | undefined> {
  if (typeof shape.persona === 'object') return read(partOf(document, ['persona'], shape.persona));
  const place = document.placeOf(['persona']);
  const file =
    shape.persona === undefined
      ? await findInside(folder, 'persona.yaml', place)
      : await resolveInside(folder, shape.persona, 'persona file', place);
  return file === undefined ? undefined : read(await readYaml(file));
}

function read(source: SourceDocument): ReadPersona {
  return { persona: checkShape(personaSchema, source), source };
}
