import { PayTabsError } from '../errors.js';
import { isPaylib, type Paylib } from './paylib.js';

/** What is needed of a script element. */
export interface PageScript {
  src: string;
  async: boolean;
  nonce?: string;
  integrity: string;
  crossOrigin: string | null;
  addEventListener(type: 'load' | 'error', listener: () => void): void;
  remove(): void;
}

/** What is needed of a document. */
export interface PageDocument {
  readonly head: { append(script: PageScript): void };
  createElement(name: 'script'): PageScript;
  querySelector(selectors: string): PageScript | null;
}

/** The types of the browser are not asked for: whoever builds for Node has none. */
const page = globalThis as { readonly document?: unknown; readonly paylib?: unknown };

/** @throws PayTabsError INVALID_OPTION where there is no page */
export function pageDocument(): PageDocument {
  if (typeof page.document === 'object' && page.document !== null) {
    return page.document as PageDocument;
  }
  throw new PayTabsError('INVALID_OPTION', 'There is no document: this runs in a browser alone');
}

/** The script's own object, if it has run. */
export const pagePaylib = (): Paylib | undefined =>
  isPaylib(page.paylib) ? page.paylib : undefined;

export const aborted = (message = 'The caller aborted the call') =>
  new PayTabsError('ABORTED', message);
