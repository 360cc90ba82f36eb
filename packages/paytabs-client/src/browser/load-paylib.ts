import { PayTabsError } from '../errors.js';
import { type Region, regions } from '../regions.js';
import { aborted, type PageDocument, type PageScript, pageDocument, pagePaylib } from './page.js';
import type { Paylib } from './paylib.js';

/** How long the script may take, in ms. */
export const PAYLIB_TIMEOUT_MS = 15_000;

/** Whose script: that of a region, or of a host of your own contract. The client key belongs to it. */
type Host =
  | { readonly region: Region; readonly baseUrl?: undefined }
  | { readonly baseUrl: string; readonly region?: undefined };

export type LoadPaylibOptions = Host & {
  /** For a content security policy. */
  readonly nonce?: string;
  /**
   * A hash that the script must have, such as `sha384-…`. The gateway publishes none and may change the script at any
   * time: then it is not run, and nobody can pay by card.
   */
  readonly integrity?: string;
  /** How long the script may take, of whoever asks first; default 15,000 ms; 1 to 600,000. */
  readonly timeoutMs?: number;
  /** Ends the waiting, not the loading. */
  readonly signal?: AbortSignal;
};

interface Load {
  readonly url: string;
  readonly done: Promise<Paylib>;
}

/** One page has one script. */
const loads = new WeakMap<PageDocument, Load>();

const refuse = (message: string) => new PayTabsError('INVALID_OPTION', message);

/**
 * Adds the gateway's script to the page, once however often it is called, and resolves when it has run. A failure is
 * forgotten, so that the next call tries again.
 * @throws PayTabsError INVALID_OPTION, GATEWAY_UNAVAILABLE, UNEXPECTED_REPLY, ABORTED
 */
export async function loadPaylib(options: LoadPaylibOptions): Promise<Paylib> {
  const url = scriptOf(options);
  const { signal, timeoutMs = PAYLIB_TIMEOUT_MS } = options;
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 600_000) {
    throw refuse('timeoutMs: must be a whole number from 1 to 600,000');
  }
  if (signal?.aborted) throw aborted();
  const document = pageDocument();
  const known = loads.get(document);
  if (known !== undefined && known.url !== url) {
    throw refuse('baseUrl: the script of another host is in this page; cards would go there');
  }
  const load = known ?? begin(document, { ...options, url, timeoutMs });
  return signal === undefined ? load.done : await unlessAborted(load.done, signal);
}

function begin(
  document: PageDocument,
  options: { url: string; timeoutMs: number; nonce?: string; integrity?: string },
): Load {
  const { url } = options;
  const done = run(document, options);
  const load = { url, done };
  loads.set(document, load);
  done.catch(() => loads.delete(document));
  return load;
}

async function run(
  document: PageDocument,
  options: { url: string; timeoutMs: number; nonce?: string; integrity?: string },
): Promise<Paylib> {
  const { url } = options;
  if (pagePaylib() === undefined) {
    const script = document.querySelector(`script[src="${url}"]`) ?? add(document, options);
    await ran(script, options.timeoutMs);
  }
  const paylib = pagePaylib();
  if (paylib === undefined) {
    throw new PayTabsError('UNEXPECTED_REPLY', 'The script of the gateway has no inlineForm');
  }
  refuseOtherHost(paylib, url);
  return paylib;
}

/** A script that the page has brought itself sends cards to the host that it came from. */
function refuseOtherHost(paylib: Paylib, url: string): void {
  const { src } = paylib as { readonly src?: unknown };
  if (typeof src !== 'string' || !URL.canParse(src)) return;
  if (new URL(src).hostname === new URL(url).hostname) return;
  throw refuse('baseUrl: the script of another host is in this page; cards would go there');
}

function add(
  document: PageDocument,
  { url, nonce, integrity }: { url: string; nonce?: string; integrity?: string },
): PageScript {
  const script = document.createElement('script');
  script.async = true;
  if (nonce !== undefined) script.nonce = nonce;
  if (integrity !== undefined) {
    script.integrity = integrity;
    // Without it a browser compares nothing from another host.
    script.crossOrigin = 'anonymous';
  }
  script.src = url;
  document.head.append(script);
  return script;
}

function ran(script: PageScript, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      // The next try is to ask again, not to wait for this one.
      script.remove();
      reject(new PayTabsError('GATEWAY_UNAVAILABLE', `The script of the gateway ${why}`));
    };
    // oxlint-disable-next-line no-restricted-globals -- the clock of Node is no browser's, and nobody waits for another
    const timer = setTimeout(() => fail(`did not come within ${timeoutMs} ms`), timeoutMs);
    script.addEventListener('error', () =>
      fail('could not be loaded: see the console for the network, the policy or the hash'),
    );
    script.addEventListener('load', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(aborted());
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function scriptOf({ region, baseUrl }: Host): string {
  if ((region === undefined) === (baseUrl === undefined)) {
    throw refuse('region: give either region or baseUrl');
  }
  if (region !== undefined) {
    const code = String(region).toUpperCase();
    if (!Object.hasOwn(regions, code)) throw refuse('region: is unknown');
    return `${regions[code as Region]}/payment/js/paylib.js`;
  }
  const url = URL.canParse(String(baseUrl)) ? new URL(String(baseUrl)) : undefined;
  const isBare =
    url?.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (url?.protocol !== 'https:' || !isBare) {
    throw refuse('baseUrl: must be an https URL without user, query and fragment');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}/payment/js/paylib.js`;
}
