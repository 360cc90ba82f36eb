import { keyRemover, redactText } from '../redact.js';
import type { Command, CommandIo } from './command.js';
import { commands as all } from './commands.js';
import { UsageError } from './usage-error.js';

const overview = (commands: readonly Command[]): string => {
  const width = Math.max(0, ...commands.map(({ name }) => name.length)) + 2;
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`);
  return `paytabs COMMAND [options]\n\n${lines.join('\n')}\n\npaytabs COMMAND --help says more.`;
};

/** Whatever is said does not show the key, wherever else it was given. */
function withoutKey(io: CommandIo): CommandIo {
  const key = io.env.PAYTABS_SERVER_KEY?.trim() ?? '';
  // A shorter one is none, and may be a part of ordinary words.
  if (key.length < 12) return io;
  const hide = keyRemover(key);
  return { ...io, print: (line) => io.print(hide(line)), warn: (line) => io.warn(hide(line)) };
}

async function runCommand(
  command: Command,
  args: readonly string[],
  io: CommandIo,
): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    io.print(command.usage.trimEnd());
    return 0;
  }
  try {
    return await command.run(args, io);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.warn(`${redactText(error.message, 1000)}\n\n${command.usage.trimEnd()}`);
    return 2;
  }
}

/** Runs one command line and resolves to the exit code. */
export async function runCli(
  argv: readonly string[],
  io: CommandIo,
  commands: readonly Command[] = all,
): Promise<number> {
  // pnpm passes the separator on to the script.
  const words = argv[0] === '--' ? argv.slice(1) : argv;
  // `help doctor` is how other tools spell `doctor --help`.
  const [name, ...args] =
    words[0] === 'help' && words.length > 1 ? [...words.slice(1), '--help'] : words;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    io.print(overview(commands));
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((one) => one.name === name);
  if (command !== undefined) return runCommand(command, args, withoutKey(io));
  io.warn(`There is no command "${redactText(name, 40)}".\n\n${overview(commands)}`);
  return 2;
}
