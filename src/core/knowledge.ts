/** A document that answers may be looked up in. */
export interface KnowledgeDocument {
  /** Path within the knowledge folder, with forward slashes. */
  readonly id: string;
  readonly text: string;
}
