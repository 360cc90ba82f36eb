import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { CommandIo } from '../command.js';
import type { Pause } from '../pause.js';
import type { CartList } from './cart-list.js';
import { isCart } from './read-listen-flags.js';

interface Typing {
  readonly input: Readable;
  readonly carts: CartList;
  readonly pause: Pause;
  readonly warn: CommandIo['warn'];
  /** Nothing more can be typed. */
  readonly onEnd: () => void;
}

/** Follows carts as they are typed, one in a line, each at once. @returns stops it */
export function takeTyped({ input, carts, pause, warn, onEnd }: Typing): () => void {
  const lines = createInterface({ input });
  lines.on('line', (line) => {
    const cartId = line.trim();
    if (cartId === '') return;
    if (!isCart(cartId)) {
      warn('A cart has 1 to 64 characters.');
      return;
    }
    carts.name(cartId);
    pause.end();
  });
  lines.once('close', onEnd);
  return () => lines.close();
}
