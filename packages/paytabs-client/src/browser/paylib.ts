/** What is needed of a form; every `HTMLFormElement` fits. */
export interface CardForm {
  querySelectorAll(selectors: string): ArrayLike<{ getAttribute(name: string): string | null }>;
}

/** The input that is wrong, by its `data-paylib`. */
export type CardField = 'number' | 'expmonth' | 'expyear' | 'cvv' | (string & {});

/** What the script says after the shopper has submitted: a token, or what is wrong. */
export interface PaylibReply {
  readonly error?: boolean;
  /** Pays once, within minutes. */
  readonly token?: string;
  readonly errorCode?: number;
  readonly errorField?: CardField;
  readonly errorText?: string;
  readonly status?: number;
  readonly trace?: string;
}

export interface InlineFormOptions {
  /** The profile's client key, never its server key. */
  readonly key: string;
  readonly form: CardForm;
  /** Whether the script submits the form itself, with the token in a field of it. */
  readonly autoSubmit?: boolean;
  /** Called after every try. What it throws nobody hears. */
  readonly callback: (reply: PaylibReply) => void;
}

/** The gateway's script for cards in your own page. It knows one form at a time. */
export interface Paylib {
  /** Takes over the submitting of a form, and that of an earlier one no more. */
  inlineForm(options: InlineFormOptions): void;
}

export const isPaylib = (value: unknown): value is Paylib =>
  typeof (value as Partial<Paylib> | undefined)?.inlineForm === 'function';
