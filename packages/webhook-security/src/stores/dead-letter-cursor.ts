import { invalid } from '../validation.js';

/** Where a page of dead letters ended: they are ordered by the time of burial, then by key. */
export interface DeadLetterPlace {
  readonly buriedAt: number;
  readonly key: string;
}

/** The text that stands for a place between two pages. */
export function cursorOf({ buriedAt, key }: DeadLetterPlace): string {
  return `${buriedAt}:${key}`;
}

/** @throws WebhookSecurityError INVALID_OPTION for what no page ended with */
export function placeOf(after: string | undefined): DeadLetterPlace | undefined {
  if (after === undefined) return undefined;
  const [, time, key] = (typeof after === 'string' && /^(\d{1,16}):(.*)$/su.exec(after)) || [];
  if (time === undefined || key === undefined) {
    throw invalid('after', after, 'the next of a page before');
  }
  return { buriedAt: Number(time), key };
}
