import type { PreparedRead } from './prepare-read.js';
import type { ReadResult } from './read-result.js';
import type { ReadOptions } from './requests.js';

/** What a prepared query may be asked with; its tenant is part of it. */
export type PreparedReadOptions = Omit<ReadOptions, 'tenant'>;

/**
 * A read whose parameters are checked, whose pipeline is built and whose key is made: what remains of a read
 * that is answered from memory is a look there. For questions that are put again and again.
 */
export class PreparedQuery<Row> {
  readonly #read: PreparedRead<unknown>;
  readonly #answer: (
    read: PreparedRead<unknown>,
    options: PreparedReadOptions,
  ) => Promise<ReadResult<Row>>;

  constructor(
    read: PreparedRead<unknown>,
    answer: (read: PreparedRead<unknown>, options: PreparedReadOptions) => Promise<ReadResult<Row>>,
  ) {
    this.#read = read;
    this.#answer = answer;
  }

  /** The hash that stands for the question. */
  get key(): string {
    return this.#read.key;
  }

  /** The rows as of now. @throws what a read throws */
  read(options: PreparedReadOptions = NO_OPTIONS): Promise<ReadResult<Row>> {
    return this.#answer(this.#read, options);
  }
}

const NO_OPTIONS: PreparedReadOptions = Object.freeze({});
