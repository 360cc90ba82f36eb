/** What is called: an async function that resolves at once. */
export const resolves = async (): Promise<number> => 1;

const ERROR = new Error('down');
/** An async function that rejects at once, always with the same error, which therefore costs nothing to make. */
export const rejects = async (): Promise<number> => {
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
