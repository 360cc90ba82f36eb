import { createHash } from 'node:crypto';

const hex = (value: number, digits: number) =>
  value.toString(16).toUpperCase().padStart(digits, '0');

const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** How a saved-card token looks, by the gateway's numbers for it. */
export type TokenForm = 2 | 3 | 4 | 5 | 6;

const tokenForms: Readonly<
  Record<TokenForm, { readonly letters: string; readonly length: number }>
> = {
  2: { letters: '0123456789ABCDEF', length: 32 },
  3: { letters: alphanumeric, length: 20 },
  4: { letters: '0123456789', length: 22 },
  5: { letters: '0123456789', length: 16 },
  6: { letters: alphanumeric, length: 32 },
};

/** As many references as fit into the eight digits of one. */
const REFERENCES = 100_000_000;

const dayOfYear = (date: Date) =>
  Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 0)) / 86_400_000);

/** Makes the gateway's references. The same seed and order of calls give the same ones, times aside. */
export class References {
  readonly #seed: number;
  readonly #wallTime: () => number;
  readonly #firstTranRef: number;
  #count = 0;

  constructor(seed: number, wallTime: () => number) {
    this.#seed = seed;
    this.#wallTime = wallTime;
    this.#firstTranRef = this.#random() % REFERENCES;
  }

  /**
   * `TST` (on a test profile) + year + day of year + eight digits that count on from where the seed says: a merchant keeps its data
   * longer than a simulator lives, and must not meet yesterday's reference, or this morning's, on another payment.
   */
  tranRef(letters = 'TST'): string {
    const date = new Date(this.#wallTime());
    const year = String(date.getUTCFullYear() % 100).padStart(2, '0');
    return `${letters}${year}${String(dayOfYear(date)).padStart(3, '0')}${this.#nextDigits()}`;
  }

  /** `PMNT0101.<seconds>.<counter>`, as in replies. */
  trace(): string {
    return this.#traceOf('PMNT0101');
  }

  /** `IPNS0001.<seconds>.<counter>`, as in notices. */
  ipnTrace(): string {
    return this.#traceOf('IPNS0001');
  }

  acquirerRef(): string {
    return this.#traceOf('TRAN0001');
  }

  /** `G` + five digits: what test terminals give as the approval code. */
  approvalCode(): string {
    return `G${10_000 + (this.#random() % 90_000)}`;
  }

  /** The last part of a page's address: 56 hexadecimal digits. */
  pageId(): string {
    return this.#digest().toUpperCase().slice(0, 56);
  }

  /** A saved-card token. */
  token(form: TokenForm): string {
    const { letters, length } = tokenForms[form];
    // 32 bytes are as many as the longest token has letters.
    const bytes = Buffer.from(this.#digest(), 'hex').subarray(0, length);
    return Array.from(bytes, (byte) => letters[byte % letters.length]).join('');
  }

  /** A number of the gateway's own, such as an invoice's: seven digits that count on. */
  number(): number {
    this.#count += 1;
    return 1_000_000 + ((this.#firstTranRef + this.#count) % 9_000_000);
  }

  /** Digits a customer pays with at an agent. */
  digits(length: number): string {
    const text = BigInt(`0x${this.#digest()}`).toString();
    return text.slice(-length).padStart(length, '1');
  }

  /** A share between 0 and 1. */
  share(): number {
    return this.#random() / 2 ** 32;
  }

  #traceOf(node: string): string {
    const seconds = Math.floor(this.#wallTime() / 1000);
    this.#count += 1;
    return `${node}.${hex(seconds, 8)}.${hex(this.#count, 8)}`;
  }

  #nextDigits(): string {
    this.#count += 1;
    return String((this.#firstTranRef + this.#count) % REFERENCES).padStart(8, '0');
  }

  #random(): number {
    return Number.parseInt(this.#digest().slice(0, 8), 16);
  }

  #digest(): string {
    this.#count += 1;
    return createHash('sha256').update(`${this.#seed}:${this.#count}`).digest('hex');
  }
}
