import { join } from 'node:path';
import { reservePort } from '../../start/lib/ports.mjs';
import { binaries } from './binaries.js';
import { MONGOD_READY, mongodArguments } from './mongod-arguments.js';
import { ServerProcess, withPortRetry } from './server-process.js';
import { supervision } from './supervision.js';

const HOST = '127.0.0.1';

/** A mongod that is in no replica set and so has no transactions. */
export interface StandAlone {
  readonly uri: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts a mongod without a replica set, for tests of what must refuse one. Ready in about a second. */
export async function startStandAlone(): Promise<StandAlone> {
  const { path } = await binaries.mongod();
  return withPortRetry(() => startOnce(path));
}

async function startOnce(command: string): Promise<StandAlone> {
  const reserved = await reservePort({ host: HOST });
  const { port } = reserved;
  const directory = supervision().temporaryDirectory('nestcms-mongo-');
  const server = new ServerProcess({
    name: 'mongod stand-alone',
    command,
    args: mongodArguments({ host: HOST, port, dbpath: directory }),
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
  return { uri: `mongodb://${HOST}:${port}/`, stop };
}
