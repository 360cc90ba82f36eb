import type { z } from 'zod';
import { whole } from './readers.js';

/** One environment variable: how it is read, and what `.env.example` and the README say of it. */
export interface Variable<T = unknown> {
  readonly read: z.ZodType<T, string>;
  /** The allowed form, in words. */
  readonly allowed: string;
  readonly about: string;
  /** Text that stands for an absent variable; absent here means that the variable is required or optional. */
  readonly fallback?: string;
  readonly optional?: boolean;
  /** Stands in `.env.example` although it is optional. */
  readonly shown?: boolean;
  readonly secret?: boolean;
  /** What `.env.example` shows, when it is not the default. */
  readonly example?: string;
}

export const perMinute = (fallback: number, about: string): Variable<number> => ({
  read: whole(1, 1_000_000),
  allowed: 'a whole number, 1 to 1000000',
  fallback: String(fallback),
  about: `${about}, requests a minute`,
});

export const milliseconds = (
  fallback: number,
  min: number,
  max: number,
  about: string,
): Variable<number> => ({
  read: whole(min, max),
  allowed: `a whole number of milliseconds, ${min} to ${max}`,
  fallback: String(fallback),
  about: `${about}, ms`,
});
