/** What nobody handled: must stay empty. */
export const raised: unknown[] = [];

const note = (error: unknown): void => {
  raised.push(error);
};

/**
 * Collects what is raised at the process from now on, and keeps quiet the warnings about clocks that fail
 * on purpose.
 * @returns what ends that
 */
export const watchProcess = (): (() => void) => {
  const warn = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  raised.length = 0;
  process.emitWarning = () => {};
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
  return () => {
    if (warn === undefined) Reflect.deleteProperty(process, 'emitWarning');
    else Object.defineProperty(process, 'emitWarning', warn);
    process.off('unhandledRejection', note);
    process.off('uncaughtException', note);
  };
};
