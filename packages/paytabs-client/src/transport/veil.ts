import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

/** A constructor that makes nothing, so that a class may put a private field on what there is. */
const Existing = class {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: see above
    return object;
  }
};

/** Fastens the real body to its stand-in where nobody else can read it. A WeakMap does so too, at many times the cost. */
class Veiled extends Existing {
  readonly #real: Buffer;
  readonly #veil: Veil;

  constructor(standIn: Buffer, about: { readonly real: Buffer; readonly veil: Veil }) {
    super(standIn);
    this.#real = about.real;
    this.#veil = about.veil;
  }

  static realOf(chunk: object, veil: Veil): Buffer | undefined {
    return #real in chunk && chunk.#veil === veil ? chunk.#real : undefined;
  }
}

const blank = Buffer.alloc(65_536, ' ');

/**
 * undici tells every request to whoever listens to its diagnostics channels: headers with the key, bodies with card
 * numbers. So it is given stand-ins, and what they stand for is put in their place on the way into the socket. Should a
 * stand-in ever reach the gateway, it is no key, and nothing is done.
 */
export class Veil {
  readonly #secret: string;
  /** What stands for the secret. Random, so that no body has it by chance. */
  readonly standIn = `veiled-${randomUUID()}`;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** As many bytes as the body has, which stand for it. */
  cover(body: string): Buffer {
    const real = Buffer.from(body);
    const { byteLength } = real;
    const fits = byteLength <= blank.byteLength;
    const standIn = fits ? blank.subarray(0, byteLength) : Buffer.alloc(byteLength, ' ');
    new Veiled(standIn, { real, veil: this });
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
    return (Buffer.isBuffer(chunk) && Veiled.realOf(chunk, this)) || chunk;
  }
}
