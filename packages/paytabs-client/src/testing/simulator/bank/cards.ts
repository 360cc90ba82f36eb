/** A card as typed on the page. */
export interface TestCard {
  readonly number: string;
  readonly cvv: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
}

const card = (number: string, cvv: string): TestCard => ({
  number,
  cvv,
  expiryMonth: 12,
  expiryYear: 2039,
});

/** The gateway's published test cards, and one with a wrong security code, which is declined (305). */
export const testCards = Object.freeze({
  visa: card('4111111111111111', '123'),
  visa3ds: card('4000000000000002', '123'),
  visa3dsOther: card('4012001036983332', '530'),
  mastercard: card('5200000000000114', '977'),
  mastercard3ds: card('5200000000000007', '977'),
  mastercard3dsOther: card('5498383801606532', '977'),
  wrongCvv: card('4111111111111111', '999'),
});

export type TestCardName = keyof typeof testCards;

const challenged = new Set([
  testCards.visa3ds.number,
  testCards.visa3dsOther.number,
  testCards.mastercard3ds.number,
  testCards.mastercard3dsOther.number,
]);

/** Whether the issuer asks for a 3-D Secure step. */
export const asksFor3ds = (number: string): boolean => challenged.has(number);

/** The security code of a test card; undefined for numbers that are none. */
export const knownCvv = (number: string): string | undefined =>
  Object.values(testCards).find((each) => each.number === number)?.cvv;

/** `4111 11## #### 1111` */
export const maskCard = (number: string): string =>
  `${number.slice(0, 6)}${'#'.repeat(Math.max(0, number.length - 10))}${number.slice(-4)}`.replace(
    /(.{4})(?=.)/g,
    '$1 ',
  );

export const schemeOf = (number: string): string =>
  number.startsWith('4') ? 'Visa' : number.startsWith('5') ? 'MasterCard' : 'Unknown';

/** The check digit rule that every card number obeys. */
export const passesLuhn = (number: string): boolean => {
  let sum = 0;
  for (let index = 0; index < number.length; index += 1) {
    const digit = Number(number[number.length - 1 - index]) * (index % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
};
