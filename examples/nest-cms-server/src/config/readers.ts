import { isIP } from 'node:net';
import { type Region, regions } from '@nestcms/paytabs-client';
import { createAddressSet } from '@nestcms/webhook-security';
import { MongoClient } from 'mongodb';
import { z } from 'zod';

// How the text of a variable becomes a value.

export const whole = (min: number, max: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max));

export const list = <T>(item: z.ZodType<T, string>): z.ZodType<T[], string> =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(item));

export const flag: z.ZodType<boolean, string> = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true');

/** Without credentials: it is told to others. */
export const pageUrl: z.ZodType<string, string> = z
  .url({ protocol: /^https?$/, abort: true })
  .refine((text) => new URL(text).username === '' && new URL(text).password === '');

/** What the gateway takes as an address, as its client checks it. */
export const LONGEST_GATEWAY_URL = 255;

/** Given to the gateway, which takes no longer one. */
export const givenUrl: z.ZodType<string, string> = pageUrl.refine(
  (text) => text.length <= LONGEST_GATEWAY_URL,
);

/** Something is added to it, so nothing may stand behind its path. */
export const webUrl: z.ZodType<string, string> = pageUrl.refine((text) => !/[?#]|\/$/.test(text));

/** The server key travels there in a header, so plain http is for this machine only. */
export const gatewayUrl: z.ZodType<string, string> = webUrl.refine((text) => {
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
});

export const origin: z.ZodType<string, string> = webUrl.refine(
  (url) => new URL(url).origin === url,
);

function isTaken(use: () => unknown): boolean {
  try {
    use();
    return true;
  } catch {
    return false;
  }
}

/** What the driver takes; it refuses options that it does not know, too. Connects to nothing. */
export const mongodbUri: z.ZodType<string, string> = z
  .string()
  .refine((text) => isTaken(() => new MongoClient(text)));

/** The path names a database by its number. */
export const redisUrl: z.ZodType<string, string> = z
  .url({ protocol: /^rediss?$/, hostname: /./, abort: true })
  .refine((text) => text.includes('://') && /^\/?\d{0,4}$/.test(new URL(text).pathname));

export const host: z.ZodType<string, string> = z
  .string()
  .refine(
    (text) => isIP(text) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(text),
  );

/** What the verifier of notices takes, so that one list means the same everywhere. */
export const addressRange: z.ZodType<string, string> = z
  .string()
  .refine((text) => isTaken(() => createAddressSet([text])));

/** A random secret of 32 letters or digits holds far more different ones. */
const LEAST_DISTINCT_CHARACTERS = 10;

/** Not one character over and over, or a few. */
export const isVaried = (secret: string): boolean =>
  new Set(secret).size >= LEAST_DISTINCT_CHARACTERS;

const tokenKey = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,40}:[A-Za-z0-9+/=_-]{32,512}$/)
  .refine((text) => isVaried(text.slice(text.indexOf(':') + 1)))
  .transform((text) => {
    const [kid = '', secret = ''] = text.split(':');
    return { kid, secret: new TextEncoder().encode(secret) };
  });

export const tokenKeys = list(tokenKey).refine(
  (keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length,
);

export const region: z.ZodType<Region, string> = z.enum(
  Object.keys(regions) as [Region, ...Region[]],
);
