import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Veil } from './veil.js';

const secret = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';

const start = () => {
  const written: string[] = [];
  const veil = new Veil(secret);
  const socket = veil.lift({
    write: (chunk: string | Buffer) => {
      written.push(chunk.toString());
      return true;
    },
  } as unknown as Socket);
  return { veil, socket, written };
};

describe('a veil', () => {
  it('shows nothing of what it covers, and its length alone', () => {
    const { veil } = start();
    const body = veil.cover('{"pan":"4111"} ü');
    expect(body.byteLength).toBe(Buffer.byteLength('{"pan":"4111"} ü'));
    expect(body.toString().trim()).toBe('');
    expect(veil.standIn).not.toContain(secret);
    expect(inspect(veil, { depth: 10, showHidden: true })).not.toMatch(/J6KD9M2PQR|4111/);
  });

  it('is lifted when it is written', () => {
    const { veil, socket, written } = start();
    socket.write(`authorization: ${veil.standIn}\r\n`, 'latin1');
    socket.write(veil.cover('{"pan":"4111"}'));
    expect(written).toEqual([`authorization: ${secret}\r\n`, '{"pan":"4111"}']);
  });

  it('writes a secret as it is, whatever its letters mean to a replacement', () => {
    const written: string[] = [];
    const veil = new Veil('a$&b$1');
    const socket = veil.lift({
      write: (chunk: string) => written.push(chunk) > 0,
    } as never) as Socket;
    socket.write(`x ${veil.standIn}`);
    expect(written).toEqual(['x a$&b$1']);
  });

  it('leaves the rest as it is', () => {
    const { socket, written } = start();
    socket.write('as it is');
    socket.write(Buffer.from('too'));
    expect(written).toEqual(['as it is', 'too']);
  });

  it('of another pool is not lifted', () => {
    const { socket, written } = start();
    const other = new Veil('another');
    socket.write(other.standIn);
    socket.write(other.cover('body'));
    expect(written).toEqual([other.standIn, '    ']);
  });
});
