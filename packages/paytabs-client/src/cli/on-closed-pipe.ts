/**
 * Calls back when nobody reads what is written any more, as behind `| head -1`. Without it Node ends the process with a
 * stack trace.
 */
export function onClosedPipe(stopped: () => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      stopped();
    });
  }
}
