import type { LastingCall } from './lasting-call.js';

/** As much of a stream of Node as is looked at. */
export interface NodeStreamLike {
  on(event: string | symbol, listener: (error: unknown) => void): unknown;
  removeListener(event: string | symbol, listener: (error: unknown) => void): unknown;
  destroy(error?: Error): unknown;
  readonly readableEnded?: boolean;
  readonly writableFinished?: boolean;
  readonly destroyed?: boolean;
  readonly errored?: unknown;
}

interface Host {
  readonly process?: { getBuiltinModule?: (id: string) => unknown };
}

// Asked of the host instead of imported, so that the same code runs where there is no such module.
const events = (globalThis as Host).process?.getBuiltinModule?.('node:events') as
  | { readonly errorMonitor?: symbol }
  | undefined;

/** To listen to `error` itself would take an error that nobody else listens to for handled. */
const ERROR = events?.errorMonitor;

export const isNodeStream = (value: unknown): value is NodeStreamLike => {
  const { on, removeListener, destroy } = Object(value) as Partial<NodeStreamLike>;
  return [on, removeListener, destroy].every((method) => typeof method === 'function');
};

/** Ends the call when the stream has ended, whether or not it had when this is called. */
export const watchNodeStream = (stream: NodeStreamLike, call: LastingCall): void => {
  const isReadable = 'read' in stream;
  const hasEnded = () => (isReadable ? stream.readableEnded : stream.writableFinished) === true;
  const listeners: [event: string | symbol, listener: (error: unknown) => void][] = [];
  const settle = (report: () => void) => {
    for (const [event, listener] of listeners) stream.removeListener(event, listener);
    report();
  };
  const ended = () => settle(() => call.report({ status: 'fulfilled', value: stream }));
  const failed = (error: unknown) => settle(() => call.fail(error));
  const closed = () => {
    const { errored } = stream;
    if (hasEnded()) ended();
    else if (errored !== null && errored !== undefined) failed(errored);
    else settle(() => call.ignore());
  };
  if (hasEnded() || stream.destroyed === true) {
    closed();
    return;
  }
  listeners.push([isReadable ? 'end' : 'finish', ended], ['close', closed]);
  if (ERROR !== undefined) listeners.push([ERROR, failed]);
  for (const [event, listener] of listeners) stream.on(event, listener);
  call.whenAborted((error) => stream.destroy(error));
};
