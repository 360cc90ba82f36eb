#!/usr/bin/env node
import { onClosedPipe } from '../cli/on-closed-pipe.js';
import { redactText } from '../redact.js';
import { readCommandLine, UsageError, usage } from './cli/read-command-line.js';
import { resolveSimulatorOptions } from './simulator/options.js';
import { startSimulator } from './simulator/start-simulator.js';

async function main(): Promise<void> {
  const options = readCommandLine(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(usage);
    return;
  }
  const simulator = await startSimulator(options);
  const { serverKey } = simulator;
  // A key that was passed in may be a real one.
  const isMadeUp = serverKey === resolveSimulatorOptions({}).profiles[0].serverKey;
  process.stdout.write(
    `PayTabs simulator is ready at ${simulator.baseUrl}
  profile ${simulator.profileId}, server key ${isMadeUp ? serverKey : '(yours)'}, mode ${simulator.mode}
  books and switches under ${simulator.baseUrl}/_simulator/
`,
  );
  const stop = () => {
    void simulator.stop().then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

// It goes on: whoever started it may want the gateway and not its greeting.
onClosedPipe(() => {});
main().catch((error: unknown) => {
  const { code, message } = error as { code?: string; message: string };
  const isUsage = error instanceof UsageError;
  const said = code === 'EADDRINUSE' ? 'The port is taken; choose another with --port' : message;
  // A key in the wrong place is not shown.
  const text = redactText(said, 1000);
  process.stderr.write(`${text}\n${isUsage ? `\n${usage}` : ''}`);
  process.exitCode = isUsage ? 2 : 1;
});
