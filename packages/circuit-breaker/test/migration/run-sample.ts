import { writeFileSync } from 'node:fs';
import { format } from 'node:util';
import { transform } from 'esbuild';
import { vi } from 'vitest';

/** What a sample says it prints: the lines after its arrows. */
export const linesSaidIn = (code: string): string[] =>
  Array.from(code.matchAll(/\/\/ → (.*)$/gm), ([, line]) => line as string);

// The real one: time is not, while a sample runs.
const { setImmediate: soon } = globalThis;

/**
 * Runs a sample to its end and gives what it printed. Time must be under `vi.useFakeTimers()`: it flies.
 * @param file where its compiled form is put, inside the package
 */
export const linesPrintedBy = async (code: string, file: URL): Promise<string[]> => {
  // Decorators run nowhere yet as they are written.
  const compiled = await transform(code, { loader: 'ts', target: 'es2022' });
  writeFileSync(file, compiled.code);
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  let end: { readonly error?: unknown } | undefined;
  const run = import(/* @vite-ignore */ file.href).then(
    () => {
      end = {};
    },
    (error: unknown) => {
      end = { error };
    },
  );
  try {
    while (end === undefined) {
      await vi.advanceTimersByTimeAsync(100);
      await new Promise((resolve) => soon(resolve));
    }
    await run;
    if ('error' in end) throw end.error;
    return log.mock.calls.map((args) => format(...args));
  } finally {
    log.mockRestore();
  }
};
