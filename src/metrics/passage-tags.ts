import type { Example } from '#core/example.ts';

/** Where the answer to an example stands. */
interface AnswerPlace {
  readonly kind: 'passage' | 'document';
  readonly id: string;
}

/** The places that an example's tags name: `passage:ID`, `document:ID`. */
export function placesOf({ tags }: Pick<Example, 'tags'>): readonly AnswerPlace[] {
  return tags.flatMap((tag) => {
    const [, kind, id] = /^(passage|document):(.+)$/s.exec(tag) ?? [];
    return kind === undefined ? [] : [{ kind: kind as AnswerPlace['kind'], id: id as string }];
  });
}

/** True where one of the places is among the passages, whose ids begin with their document's. */
export function isShown(places: readonly AnswerPlace[], passages: readonly string[]): boolean {
  return places.some(({ kind, id }) =>
    passages.some((passage) => passage === id || (kind === 'document' && (passage.startsWith(`${id}#`) || passage.startsWith(`${id}/`)))),
  );
}
