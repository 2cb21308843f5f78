// Examples under a command's help.
import type { Command } from 'commander';
import type { Session } from './session.ts';

export function examples(command: Command, { say }: Pick<Session, 'say'>, lines: readonly string[]): void {
  command.addHelpText('after', `\n${say('examples')}\n${lines.map((line) => `  ${line}`).join('\n')}`);
}
