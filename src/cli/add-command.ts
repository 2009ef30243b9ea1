import type { Command } from 'commander';
import type { TerminalIo } from './terminal-io.ts';

/** A subcommand: adds itself to the program; `exit` sets the code the process ends with. */
export type AddCommand = (program: Command, io: TerminalIo, exit: (code: number) => void) => void;
