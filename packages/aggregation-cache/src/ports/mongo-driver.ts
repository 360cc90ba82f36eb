/**
 * A `MongoClient` of any copy of the driver: that of Mongoose is mostly not the one beside this package, and
 * classes of two copies never have one type.
 */
export interface AnyMongoClient {
  db(name: string): unknown;
  startSession(): unknown;
  connect(): Promise<unknown>;
  on(event: never, listener: never): unknown;
  off(event: never, listener: never): unknown;
}

/** A `Db` of any copy of the driver. */
export interface AnyDb {
  readonly databaseName: string;
  collection(name: string): unknown;
  command(command: object): Promise<unknown>;
}
