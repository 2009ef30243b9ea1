import type { Command } from 'commander';
import { inputError, RungError } from '#core/errors.ts';

/** Lets whatever a flag's value is refused with begin with the flag's name, for a command and all below it. */
export function nameFlags(command: Command): void {
  for (const below of command.commands) nameFlags(below);
  for (const option of command.options) {
    const { parseArg, long, flags } = option;
    if (parseArg === undefined) continue;
    option.argParser((text: string, before: unknown) => {
      try {
        return parseArg(text, before);
      } catch (error) {
        const name = long ?? flags;
        if (!RungError.is(error) || error.message.includes(name)) throw error;
        const { code, message, hint, cause } = error;
        throw inputError({ code, message: `${name}: ${message}`, hint, cause });
      }
    });
  }
}
