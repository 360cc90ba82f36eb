import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request, fetch as undiciFetch } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { idempotent, standardHedgedHttp, standardHttp } from '../src/index.js';

/** With real connections: one of them, so that an answer nobody lets go of would block all that follows. */

let server: Server;
let url: string;
let agent: Agent;
/** What is answered, one after the other; then 200. */
let statuses: number[] = [];
let methods: string[] = [];

beforeAll(async () => {
  server = createServer((incoming, outgoing) => {
    methods.push(incoming.method ?? '');
    const status = statuses.shift() ?? 200;
    outgoing.writeHead(status, { 'content-type': 'text/plain', 'retry-after': '0' });
    // More than fits in a buffer of the connection.
    outgoing.end(`${status} `.repeat(60_000));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  agent = new Agent({ connections: 1, pipelining: 1 });
});
afterAll(async () => {
  await agent.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});
beforeEach(() => {
  statuses = [];
  methods = [];
});

const options = {
  name: 'local',
  retry: { backoff: { kind: 'constant', delayMs: 1 } },
} as const;

describe.each([
  ['standardHttp', standardHttp(options)],
  ['standardHedgedHttp', standardHedgedHttp(options)],
])('%s over real connections', (_name, http) => {
  it('takes what undici answers, and frees its connection', async () => {
    statuses = [503, 500];
    const { statusCode, body } = await http.execute({ method: 'GET' }, ({ signal }) =>
      request(url, { signal, dispatcher: agent }),
    );
    expect(statusCode).toBe(200);
    expect(await body.text()).toMatch(/^200 200/);
    expect(methods).toEqual(['GET', 'GET', 'GET']);
  });

  it('takes what fetch answers, and frees its connection', async () => {
    statuses = [503, 429];
    const response = await http.execute({ method: 'GET' }, ({ signal }) =>
      undiciFetch(url, { signal, dispatcher: agent }),
    );
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(/^200 200/);
    expect(methods).toHaveLength(3);
  });

  it('takes the platform’s own fetch', async () => {
    statuses = [502];
    const response = await http.execute({ method: 'HEAD' }, ({ signal }) =>
      fetch(url, { method: 'HEAD', signal }),
    );
    expect(response.ok).toBe(true);
    expect(methods).toEqual(['HEAD', 'HEAD']);
  });

  it('gives the bad answer to the caller, body and all', async () => {
    statuses = [503];
    const response = await http.execute({ method: 'POST' }, ({ signal }) =>
      undiciFetch(url, { method: 'POST', signal, dispatcher: agent }),
    );
    expect(response.status).toBe(503);
    expect(await response.text()).toMatch(/^503 503/);
    expect(methods).toEqual(['POST']);
  });

  it('repeats what is declared as idempotent', async () => {
    statuses = [503];
    const response = await http.execute(
      { method: 'POST' },
      idempotent(() => undiciFetch(url, { method: 'POST', dispatcher: agent })),
    );
    expect(response.status).toBe(200);
    await response.text();
    expect(methods).toEqual(['POST', 'POST']);
  });

  it('still reaches the server afterwards', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        http.execute({ method: 'GET' }, ({ signal }) =>
          request(url, { signal, dispatcher: agent }),
        ),
      ).map(async (answer) => (await answer).body.text()),
    );
    expect(answers).toHaveLength(5);
  });
});
