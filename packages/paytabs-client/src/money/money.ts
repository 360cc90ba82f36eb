import { PayTabsError } from '../errors.js';
import { type Currency, findExponent, isCurrency } from './currencies.js';

/** An exact amount: minor units (fils, halalas, cents) and the currency that says how many make one. */
export interface Money {
  readonly minor: bigint;
  readonly currency: Currency;
}

/** Money in JSON: minor units as a safe integer. */
export interface MoneyJson {
  readonly minor: number;
  readonly currency: Currency;
}

const refuse = (message: string): never => {
  throw new PayTabsError('INVALID_MONEY', message);
};

const show = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value).slice(0, 40);

/**
 * Digits after the decimal point: 0 for JPY, 3 for BHD, IQD, JOD, KWD and OMR, 2 for most.
 * @throws PayTabsError INVALID_MONEY for a currency that is not in ISO 4217.
 */
export function exponentOf(currency: Currency): number {
  return findExponent(currency) ?? refuse(`${show(currency)} is not an ISO 4217 currency code`);
}

/**
 * Makes an amount from minor units: `money(14950n, 'AED')` is AED 149.50. A number must be a safe integer.
 * @throws PayTabsError INVALID_MONEY
 */
export function money(minor: bigint | number, currency: Currency): Money {
  exponentOf(currency);
  if (typeof minor === 'bigint') return Object.freeze({ minor, currency });
  if (!Number.isSafeInteger(minor)) {
    refuse(`minor units must be a bigint or a safe integer, not ${show(minor)}`);
  }
  return Object.freeze({ minor: BigInt(minor), currency });
}

const majorForm = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?$/;

/**
 * Reads a decimal string in major units: `parseMajor('149.5', 'AED')` is 14950 fils. More digits than the currency
 * has are refused, never rounded; so are signs other than `-`, exponents, spaces and separators.
 * @throws PayTabsError INVALID_MONEY
 */
export function parseMajor(text: string, currency: Currency): Money {
  const digits = exponentOf(currency);
  // A float that is exact today (149.5) is not tomorrow (1.1 * 3).
  if (typeof text !== 'string') refuse(`${show(text)} is no text: write it as "149.50"`);
  const [, sign, whole, fraction = ''] =
    majorForm.exec(text) ?? refuse(`${show(text)} is not a decimal amount such as "149.50"`);
  if (fraction.length > digits) {
    refuse(`${show(text)} has more than the ${digits} decimals of ${currency}`);
  }
  return money(BigInt(`${sign}${whole}${fraction.padEnd(digits, '0')}`), currency);
}

/** Writes the amount in major units with all decimals of the currency: `149.50`, `12.500`, `700`. */
export function formatMajor(amount: Money): string {
  const digits = exponentOf(amount.currency);
  const negative = amount.minor < 0n;
  const text = (negative ? -amount.minor : amount.minor).toString().padStart(digits + 1, '0');
  const cut = text.length - digits;
  return `${negative ? '-' : ''}${text.slice(0, cut)}${digits > 0 ? `.${text.slice(cut)}` : ''}`;
}

/**
 * The sum of two amounts of one currency.
 * @throws PayTabsError INVALID_MONEY when the currencies differ.
 */
export function addMoney(left: Money, right: Money): Money {
  sameCurrency(left, right);
  return money(left.minor + right.minor, left.currency);
}

/**
 * The difference `left - right` of two amounts of one currency; may be negative.
 * @throws PayTabsError INVALID_MONEY when the currencies differ.
 */
export function subtractMoney(left: Money, right: Money): Money {
  sameCurrency(left, right);
  return money(left.minor - right.minor, left.currency);
}

/**
 * -1, 0 or 1, fit for sorting.
 * @throws PayTabsError INVALID_MONEY when the currencies differ.
 */
export function compareMoney(left: Money, right: Money): -1 | 0 | 1 {
  sameCurrency(left, right);
  if (left.minor === right.minor) return 0;
  return left.minor < right.minor ? -1 : 1;
}

/** Whether both name the same amount of the same currency. Never throws. */
export function sameMoney(left: Money, right: Money): boolean {
  const isMoney = typeof left?.minor === 'bigint';
  return isMoney && left.currency === right?.currency && left.minor === right.minor;
}

/**
 * The JSON form `{ minor, currency }`.
 * @throws PayTabsError INVALID_MONEY beyond 2^53 - 1 minor units, which JSON numbers cannot hold exactly.
 */
export function moneyToJson(amount: Money): MoneyJson {
  const minor = Number(amount.minor);
  if (!Number.isSafeInteger(minor)) refuse(`${amount.minor} minor units do not fit a JSON number`);
  return { minor, currency: amount.currency };
}

/**
 * Reads the JSON form back. Takes anything, trusts nothing.
 * @throws PayTabsError INVALID_MONEY
 */
export function moneyFromJson(value: unknown): Money {
  const { minor, currency } = (value ?? {}) as { minor?: unknown; currency?: unknown };
  if (!isCurrency(currency)) {
    return refuse(`${show(currency)} is not an ISO 4217 currency code`);
  }
  if (typeof minor !== 'number') return refuse('"minor" must be a safe integer');
  return money(minor, currency);
}

function sameCurrency(left: Money, right: Money): void {
  for (const { minor, currency } of [left, right]) {
    if (typeof minor !== 'bigint')
      refuse(`${show(minor)} is no amount in minor units: a bigint is`);
    exponentOf(currency);
  }
  if (left.currency !== right.currency) {
    refuse(`${left.currency} and ${right.currency} cannot be set against each other`);
  }
}
