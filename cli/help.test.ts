// The help of every command: a snapshot, so that a change of the interface is seen in review; and the rules all of them keep.

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';

const FOLDER = path.join(import.meta.dirname, 'commands');
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));

interface CommandModule {
  register(program: Command): void;
}

async function program(file: string): Promise<Command> {
  const module = (await import(path.join(FOLDER, file))) as CommandModule;
  const root = new Command('ledgerflow');
  module.register(root);
  return root;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 100 }).outputHelp();
  return text;
}

function isHidden(command: Command): boolean {
  return (command as unknown as { _hidden: boolean })._hidden;
}

describe.each(files)('%s', (file) => {
  it('registers one command, named like the file', async () => {
    expect((await program(file)).commands.map((command) => command.name())).toEqual([path.basename(file, '.ts')]);
  });

  it('has help with a description and an example', async () => {
    const commands = (await program(file)).commands.flatMap(withSubcommands).filter((command) => !isHidden(command));
    for (const command of commands) {
      expect(command.description(), command.name()).toMatch(/\.$/);
      expect(helpOf(command), command.name()).toMatch(/\n\s*\$ (.* )?ledgerflow /);
    }
    expect(commands.map(helpOf).join('\n')).toMatchSnapshot();
  });
});
