/** Amounts and shares whose digits must survive the trip; a parsed number would already be a float. */
const amountFields = new Set([
  'cart_amount',
  'cart_min',
  'cart_max',
  'tran_total',
  'invoice_total',
  'discount_amount',
  'discount_percent',
]);

/** What the engine offers beyond the compiler's library types. */
interface ExactJson {
  rawJSON(text: string): unknown;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
}
const exact = JSON as unknown as ExactJson;

/** A JSON number written from these very digits. */
export const jsonNumber = (digits: string): unknown => exact.rawJSON(digits);

/** Whether a number stands where digits must survive. */
function hasAmountAsNumber(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasAmountAsNumber);
  for (const name of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[name];
    if (typeof inner === 'number' ? amountFields.has(name) : hasAmountAsNumber(inner)) return true;
  }
  return false;
}

const parseExactly = (text: string): unknown =>
  exact.parse(text, (key, value, context) =>
    typeof value === 'number' && amountFields.has(key) ? (context.source ?? String(value)) : value,
  );

/**
 * Parses JSON, giving amounts that came as JSON numbers as strings of the digits on the wire.
 * @throws SyntaxError or RangeError for anything that is not JSON of a sane depth
 */
export function parseJson(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  // The gateway sends amounts as strings; keeping every number's digits costs many times the parsing.
  return hasAmountAsNumber(parsed) ? parseExactly(text) : parsed;
}
