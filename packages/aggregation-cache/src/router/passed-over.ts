/** Why a wanted member did not answer a read. */
export type PassedOverReason =
  /** No member in the right role has these tags. */
  | 'absent'
  /** Its breaker lets nothing through. */
  | 'breakerOpen'
  /** It left, or changed its role, while it was asked. */
  | 'gone'
  /** The connection failed. */
  | 'network'
  /** It gave no sign of life within `maxTimeMs` and a little. */
  | 'timeout'
  /** Other work of this process holds all connections to it, for longer than the client's `waitQueueTimeoutMS`. */
  | 'busy'
  /** It is starting, stopping or changing its role. */
  | 'unavailable'
  /** It says that it has too much to do. Its breaker opens at once. */
  | 'overloaded'
  /** As many failed-over reads as `primaryShare` allows had the primary, for as long as the class may take. */
  | 'primaryShare'
  /** It lags by more than `lagBudgetMs`, or did not reach the wanted time within it. */
  | 'lagging'
  /** It refuses to wait for a time that it has not been told of. */
  | 'timeUnknown';

export interface PassedOver {
  /** Address, or the wanted tags as text. */
  readonly member: string;
  readonly reason: PassedOverReason;
  readonly error?: unknown;
}
