import { z } from 'zod';
import { UsageError } from '../../cli/usage-error.js';
import type { SimulatorOptions } from '../simulator/options.js';

const wholeNumber = z.string().regex(/^\d+$/, 'must be a whole number').transform(Number);
const yesOrNo = z.enum(['true', 'false']).transform((text) => text === 'true');

/** The options that are a word or a number. */
const settings = {
  callbackDelayMs: wholeNumber,
  callbackDuplicates: z
    .string()
    .regex(/^(0|1|0?\.\d+)$/, 'must be 0 to 1')
    .transform(Number),
  callbackTimeoutMs: wholeNumber,
  capturesReportedAs: z.enum(['Capture', 'Sale']),
  cartRows: wholeNumber,
  contentType: z.enum(['required', 'any']),
  decimals: z.enum(['currency', 'two']),
  deferredExpiry: z.enum(['new', 'same']),
  deferredTtlMs: wholeNumber,
  duplicateGuard: z.enum(['off', 'payments', 'all']),
  duplicateWindowMs: wholeNumber,
  goEscapes: yesOrNo,
  holdMs: wholeNumber,
  logLimit: wholeNumber,
  notFoundCode: wholeNumber,
  paymentTokenMs: wholeNumber,
  queryDelayMs: wholeNumber,
  refunds: z.enum(['immediate', 'approval']),
  retryTrace: z.enum(['same', 'new']),
  temporary: z.enum(['hidden', 'visible']),
  unknownCart: z.enum(['empty', 'error']),
  unusedPages: z.enum(['vanish', 'expire']),
  voidOfSale: z.enum(['refused', 'allowed']),
  voidedParents: z.enum(['V', 'unchanged']),
} satisfies Partial<Record<keyof SimulatorOptions, z.ZodType>>;

const isSetting = (name: string): name is keyof typeof settings => Object.hasOwn(settings, name);

/** Reads `NAME=VALUE` pairs. @throws UsageError */
export function readSettings(pairs: readonly string[]): SimulatorOptions {
  const read = pairs.map((pair) => {
    const [name = '', ...rest] = pair.split('=');
    if (!isSetting(name)) {
      throw new UsageError(`--set knows ${Object.keys(settings).join(', ')}, and not "${name}"`);
    }
    const value = settings[name].safeParse(rest.join('='));
    if (!value.success) {
      throw new UsageError(`--set ${name}: ${value.error.issues[0]?.message ?? 'is not valid'}`);
    }
    return [name, value.data] as const;
  });
  return Object.fromEntries(read) as SimulatorOptions;
}
