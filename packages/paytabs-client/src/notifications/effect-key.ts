/** What names one thing that happened: a notice, or a transaction that a query told, with the profile it was asked for. */
export interface EffectSubject {
  readonly profileId: number;
  readonly tranRef: string;
  readonly status: string;
}

/** So that two different ones never give one text. */
const escaped = (text: string): string =>
  text.replace(/[%:]/g, (letter) => (letter === '%' ? '%25' : '%3A'));

/**
 * The key under which a business effect is written once: profile, transaction and status as one text, such as
 * `98765:TST2625600001234:A`. Put it under a unique constraint, in the database transaction of the effect itself. A
 * redelivery repeats all three; what comes later for the same cart has a reference of its own. Never use the cart.
 */
export const effectKey = ({ profileId, tranRef, status }: EffectSubject): string =>
  `${profileId}:${escaped(tranRef)}:${escaped(status)}`;
