import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Frees what nobody refers to any more; nobody has been told of it yet when this returns. */
export const collectNow = runInNewContext('gc') as () => void;

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Frees what nobody refers to any more, and lets those be told who asked. */
export const collectGarbage = async (): Promise<void> => {
  // What was read from a weak reference is kept to the end of the turn.
  await turn();
  collectNow();
  // Where there is much to look through, those who asked are told some turns later.
  for (let turns = 0; turns < 5; turns += 1) await turn();
};
