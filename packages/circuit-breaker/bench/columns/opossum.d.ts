declare module 'opossum' {
  /** The part of opossum that the benchmark uses; it brings no types of its own. */
  export default class CircuitBreaker {
    constructor(action: () => Promise<unknown>, options?: Readonly<Record<string, unknown>>);
    fire(): Promise<unknown>;
    open(): void;
    shutdown(): void;
    readonly stats: unknown;
  }
}
