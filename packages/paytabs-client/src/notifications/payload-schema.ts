import { z } from 'zod';
import { isPayTabsError } from '../errors.js';

/** A reader as a schema, so that what it cannot read shows among the verdicts. */
export const payloadSchema = <Read>(read: (payload: unknown) => Read, message: string) =>
  z.unknown().transform((payload, context): Read => {
    try {
      return read(payload);
    } catch (error) {
      if (!isPayTabsError(error)) throw error;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
  });
