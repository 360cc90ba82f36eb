import type { DestinationStream } from 'pino';

export type LogLine = Record<string, unknown>;

/** Takes the log of a server in place of stdout. */
export class LogSink implements DestinationStream {
  text = '';

  write(line: string): void {
    this.text += line;
  }

  get lines(): readonly LogLine[] {
    return this.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogLine);
  }

  named(msg: string): readonly LogLine[] {
    return this.lines.filter((line) => line.msg === msg);
  }
}
