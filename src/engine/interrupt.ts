import { exitCodes, RungError } from '#core/errors.ts';

/** The user asked the run to stop; everything answered is kept. */
export class InterruptedError extends RungError {
  constructor() {
    super({
      code: 'interrupted',
      message: 'Interrupted; what was answered is kept.',
      hint: 'Run the same command again to go on.',
      exitCode: exitCodes.interrupted,
    });
    this.name = 'InterruptedError';
  }
}
