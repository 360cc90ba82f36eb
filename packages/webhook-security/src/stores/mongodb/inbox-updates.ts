import type { Document } from 'mongodb';

const later = (ms: number) => ({ $add: ['$$NOW', ms] });

/** What an upsert works on where it found nothing. */
const isNew = { $eq: ['$$ROOT', { _id: '$_id' }] };

/** In a filter: due by the server's clock. */
export const isDue = { $expr: { $lte: ['$at', '$$NOW'] } } as const satisfies Document;

/** Adds the entry where it is absent, or was completed so long ago that it counts as absent. */
export function addUpdate(delivery: Document, addedBy: string): Document[] {
  const isForgotten = {
    $and: [
      { $eq: ['$v', 1] },
      { $eq: ['$state', 'completed'] },
      // Without it a missing time, which sorts before every date, would count as run out.
      { $eq: [{ $type: '$expiresAt' }, 'date'] },
      { $lte: ['$expiresAt', '$$NOW'] },
    ],
  };
  const added = {
    _id: '$_id',
    v: 1,
    state: 'open',
    at: '$$NOW',
    attempts: 0,
    token: null,
    addedBy: { $literal: addedBy },
    delivery: { $literal: delivery },
    error: null,
    expiresAt: null,
  };
  return [{ $replaceWith: { $cond: [{ $or: [isNew, isForgotten] }, added, '$$ROOT'] } }];
}

export function takeUpdate(token: string, leaseMs: number): Document[] {
  const attempts = { $add: ['$attempts', 1] };
  return [{ $set: { token: { $literal: token }, at: later(leaseMs), attempts } }];
}

export function renewUpdate(leaseMs: number): Document[] {
  return [{ $set: { at: later(leaseMs) } }];
}

export function completeUpdate(keepMs: number): Document[] {
  const expiresAt = later(keepMs);
  const dropped = { token: null, delivery: null, error: null };
  return [{ $set: { state: 'completed', at: '$$NOW', expiresAt, ...dropped } }];
}

export function retryUpdate(delayMs: number, error: Document): Document[] {
  return [{ $set: { at: later(delayMs), token: null, error: { $literal: error } } }];
}

export function buryUpdate(error: Document): Document[] {
  return [{ $set: { state: 'dead', at: '$$NOW', token: null, error: { $literal: error } } }];
}

export function replayUpdate(): Document[] {
  return [{ $set: { state: 'open', at: '$$NOW', attempts: 0, error: null } }];
}
