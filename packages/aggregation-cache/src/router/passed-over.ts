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
  /** It is starting, stopping, changing its role, or says it has too much to do. */
  | 'unavailable'
  /** It did not reach the wanted time within `lagBudgetMs`. */
  | 'lagging'
  /** It refuses to wait for a time that it has not been told of. */
  | 'timeUnknown';

export interface PassedOver {
  /** Address, or the wanted tags as text. */
  readonly member: string;
  readonly reason: PassedOverReason;
  readonly error?: unknown;
}
