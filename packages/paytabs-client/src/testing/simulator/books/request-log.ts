/** One API request the simulator received. Keys are not kept. */
export interface LoggedRequest {
  /** Calendar time in milliseconds since 1970. */
  readonly at: number;
  /** Default `POST`. */
  readonly method?: string;
  readonly path: string;
  /** The body's text as received; card data is blanked out. */
  readonly body: string;
  /** Kind of the fault that hit it. */
  readonly fault?: string;
  /** The true answer's status; absent when it was not carried out. */
  readonly status?: number;
}

const cardFields =
  /"(pan|number|cvv|token|payment_token)"(\s*:\s*)(?:"(?:[^"\\]|\\.)*"|[\d.eE+-]+)/g;
const walletFields = /"(apple_pay_token|samsung_pay_token)"\s*:[\s\S]*/;

/** A body without what a log must not have. A wallet's token ends it, for it may be of any shape. */
export const withoutCards = (body: string): string =>
  body.replace(walletFields, '"$1":"…"').replace(cardFields, '"$1"$2"…"');
