import type { ServerResponse } from 'node:http';
import type { SimulatorClock } from './clock.js';
import type { Fault } from './faults.js';
import { jsonReply, type Reply, send } from './http.js';

const html = (status: number): Reply => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`,
});

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

function altered(
  body: string,
  { set = {}, remove = [] }: Extract<Fault, { kind: 'alter' }>,
): string {
  const reply = JSON.parse(body) as Fields | Fields[];
  for (const row of Array.isArray(reply) ? reply : [reply]) {
    for (const [path, value] of Object.entries(set))
      at(row, path, (fields, name) => {
        fields[name] = value;
      });
    for (const path of remove)
      at(row, path, (fields, name) => {
        delete fields[name];
      });
  }
  return JSON.stringify(reply);
}

function at(row: Fields, path: string, change: (fields: Fields, name: string) => void): void {
  const names = path.split('.');
  const name = names.pop() ?? '';
  const fields = names.reduce<unknown>(
    (inner, each) => (isFields(inner) && Object.hasOwn(inner, each) ? inner[each] : undefined),
    row,
  );
  // A refusal has no result to alter.
  if (isFields(fields)) change(fields, name);
}

/** Answers as the fault says; `reply` is the true answer (of nothing, when nothing was carried out). */
export function applyFault(
  fault: Fault,
  reply: Reply,
  { response, clock }: { response: ServerResponse; clock: SimulatorClock },
): void {
  switch (fault.kind) {
    case 'hang':
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'resetMidReply': {
      const bytes = Buffer.from(reply.body);
      response.writeHead(reply.status, { ...reply.headers, 'content-length': bytes.length });
      response.write(bytes.subarray(0, bytes.length >> 1), () =>
        response.socket?.resetAndDestroy(),
      );
      return;
    }
    case 'html':
      send(response, html(fault.status ?? 502));
      return;
    case 'invalidJson':
      send(response, { ...jsonReply(200, ''), body: '{"tran_ref": oops' });
      return;
    case 'truncatedJson':
      send(response, { ...reply, body: reply.body.slice(0, reply.body.length >> 1) });
      return;
    case 'tooMany': {
      const headers = { 'retry-after': String(fault.retryAfterSeconds ?? 1) };
      send(response, { status: 429, headers, body: 'Too many requests' });
      return;
    }
    case 'slow':
      clock.setTimer(() => send(response, reply), fault.delayMs);
      return;
    case 'drip': {
      const bytes = Buffer.from(reply.body);
      const size = Math.max(1, Math.ceil(bytes.length / (fault.pieces ?? 20)));
      response.writeHead(reply.status, { ...reply.headers, 'content-length': bytes.length });
      const drip = (at: number) => {
        if (response.destroyed) return;
        const next = at + size;
        if (next >= bytes.length) response.end(bytes.subarray(at));
        else {
          response.write(bytes.subarray(at, next));
          clock.setTimer(() => drip(next), fault.everyMs ?? 100);
        }
      };
      drip(0);
      return;
    }
    case 'alter':
      send(response, { ...reply, body: altered(reply.body, fault) });
      return;
    case 'reply':
      send(response, jsonReply(fault.status ?? 200, fault.body));
  }
}
