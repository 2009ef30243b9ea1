import type { IncomingMessage } from 'node:http';
import type { TuningWorld } from './tuning-server-world.ts';

/** What a request is about, whatever the dialect: where faults are put. */
export type TuningAction =
  | 'upload'
  | 'find-file'
  | 'file'
  | 'create'
  | 'find-job'
  | 'read'
  | 'events'
  | 'checkpoints'
  | 'results'
  | 'cancel'
  | 'resume'
  | 'start'
  | 'quote'
  | 'look'
  /** Where a tuned model's weights lie. */
  | 'weights'
  /** The weights themselves, behind a signed link. */
  | 'weights-file';

export interface TuningRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly json: Readonly<Record<string, unknown>>;
  /** Fields of a form, and its file. */
  readonly form: Readonly<Record<string, string>>;
  readonly file: { readonly name: string; readonly content: string } | undefined;
}

export interface TuningReply {
  readonly status: number;
  /** Text and bytes as they are, anything else as JSON. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TuningRoute {
  readonly action: TuningAction;
  readonly reply: () => TuningReply;
  /** True for a signed link, which needs no key. */
  readonly isSigned?: boolean;
}

/** A service's own wire over the pretended world. */
export interface TuningDialect {
  /** Header, and what stands before the key in it. */
  readonly key: readonly [header: string, before: string];
  /** Undefined where the service has no such path. */
  route(request: TuningRequest, world: TuningWorld): TuningRoute | undefined;
  error(status: number, message: string, code: string): unknown;
}

export const ok = (body: unknown): TuningReply => ({ status: 200, body });

/** The parts of a request, multipart forms included; throws where a form is not what RFC 7578 says. */
export function readRequest(request: IncomingMessage, body: Buffer): TuningRequest {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const type = request.headers['content-type'] ?? '';
  const form: Record<string, string> = {};
  let file: TuningRequest['file'];
  const boundary = /^multipart\/form-data; boundary=(?<boundary>.+)$/.exec(type)?.groups?.['boundary'];
  if (boundary !== undefined) {
    for (const part of partsOf(body.toString('utf8'), boundary)) {
      const header = /^content-disposition: form-data; name="(?<name>[^"]*)"(?:; filename="(?<file>[^"]*)")?/i.exec(part.head)?.groups;
      if (header?.['name'] === undefined) throw new Error('A part of the form has no name.');
      if (header['file'] === undefined) form[header['name']] = part.content;
      else if (header['name'] === 'file') file = { name: header['file'], content: part.content };
    }
  }
  const json = type.startsWith('application/json') ? JSON.parse(body.toString('utf8')) : {};
  return { method: request.method ?? 'GET', path: decodeURI(url.pathname), query: url.searchParams, json, form, file };
}

function partsOf(text: string, boundary: string): { readonly head: string; readonly content: string }[] {
  const end = text.lastIndexOf(`\r\n--${boundary}--`);
  if (!text.startsWith(`--${boundary}\r\n`) || end < 0) throw new Error('The form is not closed.');
  return text
    .slice(boundary.length + 4, end)
    .split(`\r\n--${boundary}\r\n`)
    .map((part) => {
      const cut = part.indexOf('\r\n\r\n');
      return { head: part.slice(0, cut), content: part.slice(cut + 4) };
    });
}
