import type { PassedOverReason } from './passed-over.js';

/**
 * What a failed attempt says.
 * - a reason to pass the member over: ask the next one
 * - `maxTime`: the member worked as long as the class allows; another would hardly be faster, and asking
 *   it too would multiply an expensive question
 * - `query`: the question itself was refused
 */
export type Failure =
  | Exclude<PassedOverReason, 'absent' | 'breakerOpen' | 'lagging' | 'primaryShare'>
  | 'maxTime'
  | 'query';

/** Errors that the driver makes itself, by name: a class from another copy of the driver has the same. */
const NETWORK_ERRORS: ReadonlySet<unknown> = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  // So named for connections that were in use, as when a frozen member is given up.
  'PoolClearedOnNetworkError',
  'MongoServerClosedError',
]);
/** Codes of Node itself for a line that broke: the driver lets them through where a connection was in use. */
const LINE_BROKE = /^E(?!RR_)[A-Z0-9_]+$|^ERR_(?:STREAM|SOCKET|TLS|SSL)_/;
const SELECTION_ERRORS: ReadonlySet<unknown> = new Set([
  'MongoServerSelectionError',
  'MongoTopologyClosedError',
]);

const MAX_TIME_EXPIRED = 50;
const INVALID_OPTIONS = 72;
const INGRESS_REQUEST_RATE_LIMIT_EXCEEDED = 462;

/** Errors of a signed time that the server does not accept: wrongly signed, too far ahead, of an unknown key. */
const TIME_REFUSED: ReadonlySet<unknown> = new Set([204, 205, 210, 211]);

/** Server errors that speak of the member's state rather than of the question. */
const STATE_ERRORS: ReadonlySet<unknown> = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  89, // NetworkTimeout
  91, // ShutdownInProgress
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  189, // PrimarySteppedDown
  262, // ExceededTimeLimit
  9001, // SocketException
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
]);

interface DriverError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly hasErrorLabel?: (label: string) => boolean;
}

export const classifyError = (error: unknown): Failure => {
  if (typeof error !== 'object' || error === null) return 'query';
  const { name, code, message } = error as DriverError;
  if (name === 'MongoWaitQueueTimeoutError') return 'busy';
  if (NETWORK_ERRORS.has(name)) return 'network';
  if (typeof code === 'string' && LINE_BROKE.test(code)) return 'network';
  if (SELECTION_ERRORS.has(name)) return 'gone';
  if ((error as DriverError).hasErrorLabel?.('SystemOverloadedError')) return 'overloaded';
  if (code === INGRESS_REQUEST_RATE_LIMIT_EXCEEDED) return 'overloaded';
  if (code === MAX_TIME_EXPIRED) return 'maxTime';
  if (code === INVALID_OPTIONS && /clusterTime/i.test(String(message))) return 'timeUnknown';
  if (TIME_REFUSED.has(code)) return 'timeUnknown';
  return STATE_ERRORS.has(code) ? 'unavailable' : 'query';
};

/** The server's error code, if it gave one. */
export const serverCodeOf = (error: unknown): number | undefined => {
  const code = (error as DriverError | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
};
