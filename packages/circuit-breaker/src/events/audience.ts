/**
 * How often somebody has begun to listen to any emitter of this package. While it stays the same, nobody
 * hears what nobody heard before, which saves calls that nobody listens to the question.
 */
export const AUDIENCE = { changes: 0 };

/** Whether a sink answers `hears` as it does now until `AUDIENCE` changes; others may change their minds at any time. */
export const steady: unique symbol = Symbol('steady');

export const isSteady = (sink: object): boolean =>
  (sink as { readonly [steady]?: boolean })[steady] === true;
