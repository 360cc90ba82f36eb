import { join } from 'node:path';
import { reservePort } from '../../start/lib/ports.mjs';
import { binaries } from './binaries.js';
import { MONGOD_READY, type MongodArguments, mongodArguments } from './mongod-arguments.js';
import { ServerProcess, withPortRetry } from './server-process.js';
import { supervision } from './supervision.js';

const HOST = '127.0.0.1';

export interface SingleMongod {
  /** `host:port`. */
  readonly address: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts one mongod on a port and data of its own. `more` is told the directory of its data. */
export async function startSingleMongod(
  name: string,
  more: (directory: string) => Partial<MongodArguments> = () => ({}),
): Promise<SingleMongod> {
  const { path } = await binaries.mongod();
  return withPortRetry(() => startOnce(path, name, more));
}

async function startOnce(
  command: string,
  name: string,
  more: (directory: string) => Partial<MongodArguments>,
): Promise<SingleMongod> {
  const reserved = await reservePort({ host: HOST });
  const { port } = reserved;
  const directory = supervision().temporaryDirectory('nestcms-mongo-');
  const server = new ServerProcess({
    name,
    command,
    args: mongodArguments({ host: HOST, port, dbpath: directory, ...more(directory) }),
    logFile: join(directory, 'mongod.log'),
    readyLine: MONGOD_READY,
  });
  const stop = async () => {
    await server.stop();
    await supervision().remove(directory);
    reserved.release();
  };
  try {
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { address: `${HOST}:${port}`, stop };
}
