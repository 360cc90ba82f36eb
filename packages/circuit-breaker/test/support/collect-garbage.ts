import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Frees what nobody refers to any more; nobody has been told of it yet when this returns. */
export const collectNow = runInNewContext('gc') as () => void;

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Frees what nobody refers to any more, and lets those be told who asked. */
export const collectGarbage = async (): Promise<void> => {
  // Twice: what a first pass lets go of may have been all that kept something else.
  for (let pass = 0; pass < 2; pass += 1) {
    await turn();
    collectNow();
  }
  await turn();
};
