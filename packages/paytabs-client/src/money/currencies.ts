/**
 * ISO 4217 currencies by exponent (digits after the decimal point). Wider than what the gateway takes, because
 * a reply may name any currency; which ones a profile may use is for the gateway to say (code 206).
 */
const byExponent = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: 'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
} as const;

/** The words of a text; tail-recursive, or the compiler gives up at fifty. */
type Words<Text extends string, Found = never> = Text extends `${infer Head} ${infer Rest}`
  ? Words<Rest, Found | Head>
  : Found | Text;

type Tables = typeof byExponent;

/** An ISO 4217 currency code in capitals, such as `AED` or `KWD`. */
export type Currency = Words<Tables[0]> | Words<Tables[2]> | Words<Tables[3]> | Words<Tables[4]>;

const exponents: ReadonlyMap<string, number> = new Map(
  Object.entries(byExponent).flatMap(([exponent, codes]) =>
    codes.split(' ').map((code) => [code, Number(exponent)] as const),
  ),
);

/** Currencies the gateway documents or ships in its own tables. A profile may be allowed fewer. */
export const gatewayCurrencies: readonly Currency[] = Object.freeze(
  'AED AZN BHD EGP EUR GBP HKD IDR INR IQD JOD JPY KWD MAD OMR PKR QAR SAR TRY USD'.split(
    ' ',
  ) as Currency[],
);

/** Whether `code` is an ISO 4217 currency this package knows the exponent of. Capitals only. */
export function isCurrency(code: unknown): code is Currency {
  return typeof code === 'string' && exponents.has(code);
}

/** Digits after the decimal point of a known currency; undefined for others. */
export function findExponent(code: string): number | undefined {
  return exponents.get(code);
}
