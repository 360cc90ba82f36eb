import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Outgoing } from './send.js';

/** A socket to a server, and all that it has answered so far. */
export interface Line {
  readonly socket: Socket;
  readonly received: () => string;
  /** Resolves when the server has closed it, with all it answered. */
  readonly closed: Promise<string>;
}

export async function dial(origin: string, host = '127.0.0.1'): Promise<Line> {
  const socket = connect({ port: Number(new URL(origin).port), host, noDelay: true });
  let text = '';
  socket.on('data', (piece: Buffer) => {
    text += piece.toString('latin1');
  });
  // A connection cut on unread bytes ends in an error: what came before it still counts.
  socket.on('error', () => {});
  const closed = new Promise<string>((resolve) => {
    socket.on('close', () => resolve(text));
  });
  await once(socket, 'connect');
  return { socket, received: () => text, closed };
}

/** Sends all of it and reads until the server closes. */
export async function converse(origin: string, bytes: string | Buffer, host?: string) {
  const { socket, closed } = await dial(origin, host);
  socket.write(bytes);
  return closed;
}

/** The statuses of the answers, those of 1xx too. */
export function statusesOf(text: string): number[] {
  return Array.from(text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status));
}

/** A request as bytes; `lines` in place of its Content-Length. */
export function rawRequest(
  { method = 'POST', path = '/hook', headers, body }: Outgoing,
  lines: readonly string[] = [`content-length: ${body.length}`],
): Buffer {
  const head = [
    `${method} ${path} HTTP/1.1`,
    'host: localhost',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...lines,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

/** A body in chunks of the given lengths; the last length is used until its end. */
export function inChunks(body: Buffer, lengths: readonly number[]): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (let place = 0; at < body.length; place += 1) {
    const length = lengths[Math.min(place, lengths.length - 1)] as number;
    const piece = body.subarray(at, at + length);
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
    at += length;
  }
  pieces.push(Buffer.from('0\r\n\r\n'));
  return Buffer.concat(pieces);
}
