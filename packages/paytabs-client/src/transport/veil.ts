import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

/**
 * undici tells every request to whoever listens to its diagnostics channels: headers with the key, bodies with card
 * numbers. So it is given stand-ins, and what they stand for is put in their place on the way into the socket. Should a
 * stand-in ever reach the gateway, it is no key, and nothing is done.
 */
export class Veil {
  readonly #secret: string;
  readonly #bodies = new WeakMap<object, Buffer>();
  /** What stands for the secret. Random, so that no body has it by chance. */
  readonly standIn = `veiled-${randomUUID()}`;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** As many bytes as the body has, which stand for it. */
  cover(body: string): Buffer {
    const real = Buffer.from(body);
    const standIn = Buffer.alloc(real.byteLength, ' ');
    this.#bodies.set(standIn, real);
    return standIn;
  }

  /** Has the socket write what stand-ins stand for. */
  lift<Each extends Socket>(socket: Each): Each {
    const write = socket.write.bind(socket) as (chunk: unknown, ...rest: unknown[]) => boolean;
    socket.write = (chunk: unknown, ...rest: unknown[]) => write(this.#real(chunk), ...rest);
    return socket;
  }

  #real(chunk: unknown): unknown {
    if (typeof chunk === 'string') return chunk.replace(this.standIn, () => this.#secret);
    return this.#bodies.get(chunk as object) ?? chunk;
  }
}
