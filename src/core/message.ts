export type Role = 'system' | 'user' | 'assistant';

/** One turn of a conversation. */
export interface Message {
  readonly role: Role;
  readonly content: string;
}
