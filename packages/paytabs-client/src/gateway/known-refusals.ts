/**
 * The gateway's codes that say for certain that nothing was done. A closed list on purpose: whatever is not in it,
 * such as 400 and 401 (no answer of the bank), 600 (pending) or a code of tomorrow, leaves open how a write ended.
 */
const single: ReadonlySet<number> = new Set([
  1, // authentication failed
  2, // invalid request
  200, // invalid card number, or scheme not supported
  206, // invalid currency
  300, // not authorised
  305, // security code mismatch
  310, // 3-D Secure rejected
  316, // insufficient funds
  321, // cancelled
  325, // limits of the merchant exceeded
  342, // refund balance of the merchant exceeded
  345, // 3-D Secure not completed
  354, // card filtered out by the merchant
  355, // expired
  501, // reported as fraud by the issuer
  504, // declined
]);

/** Whether this code, of an error reply or of a transaction's result, says that nothing was done. */
export function isKnownRefusal(code: number | string): boolean {
  const number = Number(code);
  // 100 to 199: the request itself, or the follow-up, was refused when it was checked.
  const isValidation = Number.isInteger(number) && number >= 100 && number < 200;
  return String(code).trim() !== '' && (isValidation || single.has(number));
}
