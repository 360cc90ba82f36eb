import { connect, type Socket } from 'node:net';

const head = [
  'POST /hook HTTP/1.1',
  'host: localhost',
  'content-type: application/json',
  'transfer-encoding: chunked',
  '\r\n',
].join('\r\n');

/** What they send again and again: pieces of a body. */
export const PIECES = Object.freeze({
  large: Buffer.from(`10000\r\n${' '.repeat(65_536)}\r\n`),
  'of one byte': Buffer.from('1\r\n \r\n'.repeat(10_000)),
});

/** Senders of bodies without an end, who call again when they are cut off. */
export class EndlessSenders {
  readonly #port: number;
  readonly #pieces: Buffer;
  readonly #sockets = new Set<Socket>();
  #isOver = false;
  calls = 0;

  constructor(origin: string, count: number, pieces: Buffer) {
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
    const write = () => {
      let hasRoom = true;
      while (hasRoom && !socket.destroyed) hasRoom = socket.write(this.#pieces);
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
