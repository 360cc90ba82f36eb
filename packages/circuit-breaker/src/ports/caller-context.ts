/** Calls a function in the async context (`AsyncLocalStorage`) that was current when this was made. */
export interface CallerContext {
  runInAsyncScope(call: () => void): void;
}

interface AsyncHooks {
  readonly AsyncResource: new (type: string) => CallerContext;
}

interface Host {
  readonly process?: { getBuiltinModule?: (id: string) => unknown };
}

// Asked of the host instead of imported, so that the same code runs where there is no such module.
const hooks = (globalThis as Host).process?.getBuiltinModule?.('node:async_hooks') as
  | Partial<AsyncHooks>
  | undefined;
const Resource = hooks?.AsyncResource;

const NO_CONTEXT: CallerContext = {
  runInAsyncScope: (call) => {
    call();
  },
};

/** Remembers the caller's async context, for user code that is called later by a timer or from a queue. */
export const keepCallerContext = (): CallerContext =>
  Resource === undefined ? NO_CONTEXT : new Resource('CircuitBreakerCall');
