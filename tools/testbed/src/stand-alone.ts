import { startSingleMongod } from './single-mongod.js';

/** A mongod that is in no replica set and so has no transactions. */
export interface StandAlone {
  readonly uri: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts a mongod without a replica set, for tests of what must refuse one. Ready in about a second. */
export async function startStandAlone(): Promise<StandAlone> {
  const server = await startSingleMongod('mongod stand-alone');
  return { uri: `mongodb://${server.address}/`, stop: () => server.stop() };
}
