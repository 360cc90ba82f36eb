/** Amounts whose digits must survive the trip; a parsed number would already be a float. */
const amountFields = new Set(['cart_amount', 'tran_total', 'invoice_total']);

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

/**
 * Parses JSON, giving amounts that came as JSON numbers as strings of the digits on the wire.
 * @throws SyntaxError or RangeError for anything that is not JSON of a sane depth
 */
export const parseJson = (text: string): unknown =>
  exact.parse(text, (key, value, context) =>
    typeof value === 'number' && amountFields.has(key) ? (context.source ?? String(value)) : value,
  );
