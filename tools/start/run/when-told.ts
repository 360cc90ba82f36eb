/**
 * Runs a script that takes long to load: loads the heaviest part of it, then waits to be told the
 * environment it is to run in. So it loads while the databases that the environment names start.
 * Arguments: the script, then the module to load before. The parent sends the environment once.
 */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [script = '', heavy = ''] = process.argv
  .slice(2)
  .map((path) => pathToFileURL(resolve(path)).href);

// Without its parent it has nothing to do.
process.once('disconnect', () => process.exit());
const told = once(process, 'message');
await import(heavy);
const [environment] = (await told) as [NodeJS.ProcessEnv];
process.removeAllListeners('disconnect');
process.disconnect();
process.env = environment;
await import(script);
