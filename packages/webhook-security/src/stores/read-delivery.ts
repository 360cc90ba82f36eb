import type { InboxDelivery } from '../ports/inbox-store.js';
import type { Staleness } from '../verdict.js';

/** A stored delivery with what is absent left out or null; undefined where it is damaged. */
export function readDelivery(stored: unknown): InboxDelivery | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const { scheme, tenant, deliveryId, payload, stale, staleness, sentAt, receivedAt } =
    stored as Record<string, unknown>;
  const isWhole =
    typeof scheme === 'string' &&
    typeof deliveryId === 'string' &&
    typeof stale === 'boolean' &&
    typeof receivedAt === 'number' &&
    isOptional(tenant, 'string') &&
    isOptional(payload, 'string') &&
    isOptional(staleness, 'string') &&
    isOptional(sentAt, 'number');
  if (!isWhole) return undefined;
  return {
    scheme,
    tenant: (tenant ?? undefined) as string | undefined,
    deliveryId,
    payload: (payload ?? undefined) as string | undefined,
    stale,
    staleness: (staleness ?? undefined) as Staleness | undefined,
    sentAt: (sentAt ?? undefined) as number | undefined,
    receivedAt,
  };
}

function isOptional(value: unknown, type: 'string' | 'number'): boolean {
  return value === undefined || value === null || typeof value === type;
}
