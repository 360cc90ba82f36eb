// Money arrives as { minor, currency } with a whole number of minor units; it is shown and read digit by digit, never through a float.
const EXPONENTS = { JPY: 0, BHD: 3, IQD: 3, JOD: 3, KWD: 3, OMR: 3 };

const exponentOf = (currency) => EXPONENTS[currency] ?? 2;

export function formatMoney({ minor, currency }) {
  const exponent = exponentOf(currency);
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent).replace(/\B(?=(\d{3})+$)/g, ',');
  const sign = minor < 0 ? '-' : '';
  return `${currency} ${sign}${whole}${exponent ? `.${digits.slice(-exponent)}` : ''}`;
}

/** Reads "149.5" as { minor: 14950, currency: "AED" }; returns undefined for anything that is not such an amount. */
export function parseMoney(text, currency) {
  const exponent = exponentOf(currency);
  const match = /^(\d{1,12})(?:\.(\d+))?$/.exec(text.trim().replaceAll(',', ''));
  if (!match || (match[2] ?? '').length > exponent) return undefined;
  const minor = Number(match[1] + (match[2] ?? '').padEnd(exponent, '0'));
  return Number.isSafeInteger(minor) && minor > 0 ? { minor, currency } : undefined;
}
