/** Something that happened to an aggregate, as its owner tells it. */
export interface DomainEvent {
  /** Past tense, with its family: `payment.paid`. */
  readonly type: string;
  readonly aggregate: { readonly type: string; readonly id: string };
  /** Plain BSON values; no secrets, no personal data beyond ids. */
  readonly data: Record<string, unknown>;
  readonly causationId?: string;
}

/** An event as it lies in the outbox and reaches a subscriber. */
export interface StoredEvent extends DomainEvent {
  readonly id: string;
  /** Format version of the stored document. */
  readonly v: 1;
  /**
   * Rises by one per aggregate, in the order of the commits. Begins at 1 again once all events of the aggregate have been
   * removed, 30 days after their delivery; so it orders events and names none: that is what `id` is for.
   */
  readonly sequence: number;
  readonly time: Date;
  /** Request id of what caused it. */
  readonly correlationId: string;
}
