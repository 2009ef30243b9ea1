import type { WriteStream } from 'node:tty';

/** What a command may touch outside itself. */
export interface TerminalIo {
  readonly stdout: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;
  readonly stderr: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  /** Called at each Ctrl-C. */
  onInterrupt(listener: () => void): void;
}

/** Colours only where a person looks: not in a pipe, not under CI, not with NO_COLOR (no-color.org). */
export function usesColor(stream: TerminalIo['stdout'], environment: TerminalIo['environment']): boolean {
  return stream.isTTY === true && !environment['NO_COLOR'] && !environment['CI'];
}
