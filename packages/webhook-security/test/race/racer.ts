/** One of the processes of a race: a verifier and a connection of its own. Told by IPC what to do. */
import { type ReplayStore, systemClock } from '../../src/index.js';
import { verifierWith } from '../requests.js';
import { type Round, sendCopies } from './round.js';

const [kind, address = '', name = ''] = process.argv.slice(2);

/** Each loads what it needs alone: eight start at once. */
const openStore = async (): Promise<ReplayStore> => {
  if (kind === 'redis') {
    const { Redis } = await import('ioredis');
    const { createRedisReplayStore } = await import('../../src/stores/redis/index.js');
    return createRedisReplayStore({ redis: new Redis(address), keyPrefix: `${name}:` });
  }
  const { MongoClient } = await import('mongodb');
  const { createMongoReplayStore } = await import('../../src/stores/mongodb/index.js');
  const client = await new MongoClient(address).connect();
  return createMongoReplayStore({ collection: client.db(name).collection('replay') });
};

const store = await openStore();
const verifier = verifierWith({ clock: systemClock, replay: { store, timeoutMs: 30_000 } });

process.on('message', (round: Round) => {
  void sendCopies(verifier, round, false).then((counts) => process.send?.(counts));
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit());
process.send?.('ready');
