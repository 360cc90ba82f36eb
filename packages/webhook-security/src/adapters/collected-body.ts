import { concatBytes, newBytes } from '../platform/index.js';
import { type UnreadBody, type UnreadReason, unreadBody } from './unread-body.js';

/** From here on blocks grow no more. */
const largestBlock = 16_384;

/**
 * What was received of one body so far, copied into blocks: a piece may be a single byte, and to keep each of them
 * would take a hundred times as much.
 */
export class CollectedBody {
  readonly #maxBytes: number;
  #blocks: Uint8Array[] = [];
  #block = newBytes(0);
  /** How many bytes of the last block are taken; the ones before it are full. */
  #taken = 0;
  #received = 0;
  #unread: UnreadReason | undefined;
  /** Called once when no more is to be read. */
  stop: () => void = () => {};

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(piece: unknown): void {
    if (!(piece instanceof Uint8Array)) {
      this.giveUp('body-not-raw');
      return;
    }
    if (this.#received + piece.length > this.#maxBytes) {
      this.giveUp('body-too-large');
      return;
    }
    const fitting = Math.min(piece.length, this.#block.length - this.#taken);
    this.#copy(piece.subarray(0, fitting));
    if (fitting === piece.length) return;
    this.#addBlock(piece.length - fitting);
    this.#copy(piece.subarray(fitting));
  }

  giveUp(reason: UnreadReason): void {
    if (this.#unread !== undefined) return;
    this.#unread = reason;
    this.#blocks = [];
    this.#block = newBytes(0);
    this.stop();
  }

  get isOver(): boolean {
    return this.#unread !== undefined;
  }

  result(): Uint8Array | UnreadBody {
    if (this.#unread !== undefined) return unreadBody(this.#unread);
    // Most bodies come in one piece.
    if (this.#blocks.length === 1) return this.#block.subarray(0, this.#taken);
    const last = this.#block.subarray(0, this.#taken);
    return concatBytes([...this.#blocks.slice(0, -1), last]);
  }

  #copy(bytes: Uint8Array): void {
    this.#block.set(bytes, this.#taken);
    this.#taken += bytes.length;
    this.#received += bytes.length;
  }

  /** As large as what came before, so that many small pieces make few blocks. */
  #addBlock(least: number): void {
    this.#block = newBytes(Math.max(least, Math.min(this.#received, largestBlock)));
    this.#blocks.push(this.#block);
    this.#taken = 0;
  }
}
