#!/usr/bin/env node
import { onClosedPipe } from './on-closed-pipe.js';
import { runCli } from './run-cli.js';

const stopping = new AbortController();
const stop = () => {
  // A second signal ends the process at once.
  process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  stopping.abort();
};
process.once('SIGINT', stop).once('SIGTERM', stop);
onClosedPipe(() => stopping.abort());

runCli(process.argv.slice(2), {
  print: (line) => void process.stdout.write(`${line}\n`),
  warn: (line) => void process.stderr.write(`${line}\n`),
  env: process.env,
  signal: stopping.signal,
}).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
