import { flags } from './flags.js';

export interface MongodArguments {
  readonly host: string;
  readonly port: number;
  readonly dbpath: string;
  /** Name of its replica set; none for a stand-alone server. */
  readonly replSet?: string;
  /** What the members of its set know each other by; with one, it asks everybody who he is. */
  readonly keyFile?: string;
  /** Starts it with the commands that set fail points. */
  readonly testCommands?: boolean;
}

/** Arguments of a mongod that lives beside tests: small, and quick to end. */
export function mongodArguments(options: MongodArguments): string[] {
  const { host, port, dbpath, replSet, keyFile, testCommands = false } = options;
  return flags({
    ...(replSet === undefined ? {} : { replSet, oplogSize: 64 }),
    ...(keyFile === undefined ? {} : { keyFile }),
    bind_ip: host,
    port,
    dbpath,
    nounixsocket: true,
    quiet: true,
    wiredTigerCacheSizeGB: 0.25,
    setParameter: [
      'diagnosticDataCollectionEnabled=false',
      'shutdownTimeoutMillisForSignaledShutdown=100',
      ...(testCommands ? ['enableTestCommands=1'] : []),
    ],
  });
}

/** Appears in the log when a mongod takes connections. */
export const MONGOD_READY: RegExp = /"Waiting for connections"/;
