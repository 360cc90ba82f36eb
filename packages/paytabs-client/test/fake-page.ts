import { onTestFinished, vi } from 'vitest';
import type { CardForm, InlineFormOptions, PaylibReply } from '../src/browser/index.js';

/** A script element that does nothing by itself: the test says how loading ends. */
export class FakeScript {
  src = '';
  async = false;
  nonce = '';
  integrity = '';
  crossOrigin: string | null = null;
  isInPage = false;
  readonly #listeners: [string, () => void][] = [];

  addEventListener(type: string, listener: () => void): void {
    this.#listeners.push([type, listener]);
  }

  remove(): void {
    this.isInPage = false;
  }

  end(how: 'load' | 'error'): void {
    for (const [type, listener] of this.#listeners) if (type === how) listener();
  }
}

/** As the gateway's script: one form at a time, and a reply for each submit. */
export class FakePaylib {
  readonly src: string | undefined;
  readonly calls: InlineFormOptions[] = [];

  constructor(src?: string) {
    this.src = src;
  }

  inlineForm(options: InlineFormOptions): void {
    this.calls.push(options);
  }

  /** The shopper has submitted the form, and the gateway has answered. */
  reply(reply: PaylibReply | null): void {
    this.calls.at(-1)?.callback(reply as PaylibReply);
  }
}

/**
 * A page that is no browser: this workspace has none, nor a copy of one. It knows what this package asks of a document,
 * and nothing of how a browser loads.
 */
export class FakePage {
  readonly scripts: FakeScript[] = [];
  readonly head = {
    append: (script: FakeScript) => {
      script.isInPage = true;
      this.scripts.push(script);
    },
  };

  createElement(name: string): FakeScript {
    if (name !== 'script') throw new Error(`nobody asks for <${name}>`);
    return new FakeScript();
  }

  querySelector(selectors: string): FakeScript | null {
    const url = /^script\[src="([^"]+)"\]$/.exec(selectors)?.[1];
    return this.scripts.find(({ isInPage, src }) => isInPage && src === url) ?? null;
  }

  /** The script has come and run. */
  run(paylib: object = new FakePaylib()): void {
    vi.stubGlobal('paylib', paylib);
    this.scripts.at(-1)?.end('load');
  }
}

/** Opens one; it is gone after the test. */
export function openFakePage(): FakePage {
  const page = new FakePage();
  vi.stubGlobal('document', page);
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  return page;
}

/** A form with these inputs, by `data-paylib`; the value is the input's name. */
export const fakeForm = (
  inputs: Readonly<Record<string, string | null>> = {
    number: null,
    expmonth: null,
    expyear: null,
    cvv: null,
  },
): CardForm => ({
  querySelectorAll: () =>
    Object.entries(inputs).map(([field, name]) => ({
      getAttribute: (attribute: string) => (attribute === 'data-paylib' ? field : name),
    })),
});
