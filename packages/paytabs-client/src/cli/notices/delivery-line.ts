import { isoSeconds } from '../../testing/simulator/bodies.js';
import { plain } from './plain.js';
import type { Answer } from './send-request.js';

/** What one line tells of. */
export interface DeliveryFacts {
  /** Calendar time in milliseconds since 1970. */
  readonly at: number;
  readonly cartId: string;
  readonly tranRef: string;
  readonly kind: string;
  /** The gateway's letter. */
  readonly status: string;
  readonly answer: Answer;
}

/** `2026-09-13T08:15:30Z  order-1001  TST2625600001234  reportedPaid  A  HTTP 200  12 ms` */
export function deliveryLine({ at, answer, ...facts }: DeliveryFacts): string {
  const { cartId, tranRef, kind, status } = facts;
  const said = answer.status === undefined ? (answer.error ?? '') : `HTTP ${answer.status}`;
  return [isoSeconds(at), cartId, tranRef, kind, status, said, `${answer.ms} ms`]
    .map(plain)
    .join('  ');
}
