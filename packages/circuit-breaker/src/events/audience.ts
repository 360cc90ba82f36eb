/**
 * How often somebody has begun to listen to any emitter of this package. While it stays the same, nobody
 * hears what nobody heard before, which saves calls that nobody listens to the question.
 */
export const AUDIENCE = { changes: 0 };
