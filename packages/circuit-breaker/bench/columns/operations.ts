/** What is called: an async function that resolves at once. */
export const resolves = async (): Promise<number> => 1;

const ERROR = new Error('down');
const LATER = Promise.resolve();
/**
 * An async function that rejects, always with the same error, which therefore costs nothing to make. A
 * microtask later, as every real call does: Node looks closely at a promise that is rejected before
 * anyone can have asked for its result, and that alone would cost more than all else.
 */
export const rejects = async (): Promise<number> => {
  await LATER;
  throw ERROR;
};

/** Resolves in the next turn of the event loop, as an answer from the network does. */
export const takesATurn = (): Promise<number> =>
  new Promise((resolve) => {
    setImmediate(resolve, 1);
  });

export type AsyncOperation = () => Promise<number>;
/** A column for any operation: gives what calls it. */
export type Maker = (operation: AsyncOperation) => () => Promise<unknown>;

const nothing = (): void => {};
/** Calls and catches what is rejected, by `.catch`: that costs a promise, where `try` costs what an exception costs. */
export const caught = (call: () => Promise<unknown>) => (): Promise<unknown> =>
  call().catch(nothing);
