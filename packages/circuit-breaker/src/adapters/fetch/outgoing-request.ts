/** What `fetch` is called with. */
type Input = string | URL | Request;

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
/** Bodies that can be sent as often as one likes; streams and iterators are read but once. */
const REPLAYABLE = /^\[object (?:Blob|File|FormData|URLSearchParams|ArrayBuffer)\]$/;

const isRequest = (input: Input): input is Request =>
  typeof input === 'object' && 'url' in input && 'method' in input;

/** A call of `fetch`, read as far as the policies need to know it. */
export class OutgoingRequest {
  readonly method: string;
  readonly url: URL;
  /** The caller's. */
  readonly signal: AbortSignal | undefined;
  readonly #input: Input;
  readonly #init: RequestInit;

  private constructor(input: Input, init: RequestInit, url: URL) {
    this.#input = input;
    this.#init = init;
    this.url = url;
    const asked = isRequest(input) ? input : undefined;
    this.method = String(init.method ?? asked?.method ?? 'GET').toUpperCase();
    const signal = init.signal === undefined ? asked?.signal : init.signal;
    this.signal = signal ?? undefined;
  }

  /** Undefined for what goes to no origin, such as `data:`, or makes no sense: `fetch` itself says best what that is. */
  static read(input: Input, init: RequestInit | undefined): OutgoingRequest | undefined {
    try {
      // What has getters, as a request has, cannot be copied: it is made a request of.
      if (init !== undefined && !isPlain(init))
        return OutgoingRequest.read(new Request(input, init), undefined);
      const text = isRequest(input) ? input.url : String(input);
      const { location } = globalThis as { readonly location?: { readonly href?: string } };
      const url = new URL(text, location?.href);
      return url.origin === 'null' ? undefined : new OutgoingRequest(input, init ?? {}, url);
    } catch {
      return undefined;
    }
  }

  /** None where they make no sense: `fetch` will say so. */
  get headers(): Headers {
    const { headers } = this.#init;
    try {
      return new Headers(headers ?? (isRequest(this.#input) ? this.#input.headers : undefined));
    } catch {
      return new Headers();
    }
  }

  /** Whether its method says that it changes nothing. */
  get isSafe(): boolean {
    return SAFE_METHODS.has(this.method);
  }

  /** Whether it can be sent again: its body, if it has one, is there for a second time. */
  get isReplayable(): boolean {
    const { body } = this.#init;
    if (body !== undefined && body !== null) {
      return (
        typeof body === 'string' ||
        ArrayBuffer.isView(body) ||
        REPLAYABLE.test(Object.prototype.toString.call(body))
      );
    }
    if (!isRequest(this.#input)) return true;
    // Some browsers do not tell of the body.
    const { body: own, method } = this.#input;
    return own === undefined ? method === 'GET' || method === 'HEAD' : own === null;
  }

  /** Calls `fetch` with all that its caller said, but for the signal. */
  send<T>(fetch: (input: never, init: never) => T, signal: AbortSignal): T {
    return fetch(this.#input as never, { ...this.#init, signal } as never);
  }

  /** Whether the request itself is wrong, so that it can never have been sent. Only asked after it failed. */
  get isMalformed(): boolean {
    const { body, signal: _signal, ...rest } = this.#init;
    const hasBody = body !== undefined && body !== null;
    try {
      if (isRequest(this.#input)) new Request(this.url, rest);
      else new Request(this.url, hasBody ? { ...rest, body: '' } : rest);
      return false;
    } catch (error) {
      return error instanceof TypeError;
    }
  }
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};
