import { isIP } from 'node:net';
import { type Region, regions } from '@nestcms/paytabs-client';
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

export const webUrl: z.ZodType<string, string> = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !url.endsWith('/') && new URL(url).username === '');

/** The server key travels there in a header, so plain http is for this machine only. */
export const gatewayUrl: z.ZodType<string, string> = webUrl.refine((text) => {
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
});

export const pageUrl: z.ZodType<string, string> = z.url({ protocol: /^https?$/ });

export const origin: z.ZodType<string, string> = webUrl.refine(
  (url) => new URL(url).origin === url,
);

export const url = (...schemes: string[]): z.ZodType<string, string> =>
  z
    .string()
    .refine((text) =>
      schemes.some((scheme) => text.startsWith(`${scheme}://`) && text.length > scheme.length + 3),
    );

export const addressRange: z.ZodType<string, string> = z.string().refine((text) => {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return (
    prefix === undefined ||
    (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
  );
});

const tokenKey = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,40}:[A-Za-z0-9+/=_-]{32,512}$/)
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
