import { connect, type Socket } from 'node:net';

const head = [
  'POST /hook HTTP/1.1',
  'host: localhost',
  'content-type: application/json',
  'transfer-encoding: chunked',
  '\r\n',
].join('\r\n');

/** What a sender sends again and again, pieces of a body, and how often before it waits. */
export interface Pieces {
  readonly bytes: Buffer;
  readonly times: number;
}

export const PIECES = Object.freeze({
  large: { bytes: Buffer.from(`10000\r\n${' '.repeat(65_536)}\r\n`), times: Infinity },
  // One piece costs the parser of Node so much that without an end it would do nothing else.
  'of one byte': { bytes: Buffer.from('1\r\n \r\n'.repeat(10_000)), times: 5 },
}) satisfies Readonly<Record<string, Pieces>>;

/** Senders of bodies without an end, who call again when they are cut off. */
export class EndlessSenders {
  readonly #port: number;
  readonly #pieces: Pieces;
  readonly #sockets = new Set<Socket>();
  #isOver = false;
  calls = 0;

  constructor(origin: string, count: number, pieces: Pieces) {
    this.#port = Number(new URL(origin).port);
    this.#pieces = pieces;
    for (let sender = 0; sender < count; sender += 1) this.#call();
  }

  stop(): void {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  #call(): void {
    this.calls += 1;
    const socket = connect(this.#port, '127.0.0.1');
    this.#sockets.add(socket);
    const { bytes, times } = this.#pieces;
    let written = 0;
    const write = () => {
      let hasRoom = true;
      while (hasRoom && written < times && !socket.destroyed) {
        hasRoom = socket.write(bytes);
        written += 1;
      }
    };
    socket.write(head);
    socket.on('connect', write).on('drain', write).resume();
    // A connection cut on unread bytes ends in an error.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (!this.#isOver) this.#call();
    });
  }
}
