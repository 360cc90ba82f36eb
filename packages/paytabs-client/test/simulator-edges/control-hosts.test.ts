import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { startGateway } from '../simulator-wire.js';

describe('the control API', () => {
  const statusFor = async (port: number, host: string) => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.end(`GET /_simulator/mode HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    return /^HTTP\/1\.1 (\d+)/.exec(await text(socket))?.[1];
  };

  it.each([
    'shop.example',
    'shop.example@127.0.0.1',
    '127.0.0.1#.shop.example',
    '127.0.0.1.shop.example',
    '[x',
  ])('answers the host "%s" with a refusal', async (host) => {
    expect(await statusFor((await startGateway()).port, host)).toBe('403');
  });

  it.each(['127.0.0.1', 'localhost:80', 'LOCALHOST'])('answers the host "%s"', async (host) => {
    expect(await statusFor((await startGateway()).port, host)).toBe('200');
  });
});
