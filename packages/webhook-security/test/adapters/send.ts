import { type IncomingMessage, request } from 'node:http';

export interface Outgoing {
  readonly method?: string;
  readonly path?: string;
  /** Pairs, so that a name can stand twice. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
  /** Sends the body in pieces without a Content-Length. */
  readonly chunked?: boolean;
}

export interface Answer {
  /** 0 where the server closed the connection before its answer could be read. */
  readonly status: number;
  readonly body: unknown;
}

/** One request over a socket of its own; resolves with the answer even if the sending is cut off. */
export async function send(origin: string, outgoing: Outgoing): Promise<Answer> {
  const { method = 'POST', path = '/hook', headers, body, chunked = false } = outgoing;
  const url = new URL(path, origin);
  const lines = ['host', url.host, ...headers.flat()];
  if (!chunked) lines.push('content-length', String(body.length));
  const sending = request(url, { method, headers: lines, agent: false });
  const answered = new Promise<IncomingMessage | undefined>((resolve) => {
    sending.on('response', resolve);
    sending.on('error', () => resolve(undefined));
  });
  if (chunked) {
    const piece = Math.max(1, Math.ceil(body.length / 7));
    for (let start = 0; start < body.length; start += piece) {
      sending.write(body.subarray(start, start + piece));
      await new Promise((resolve) => setImmediate(resolve));
    }
    sending.end();
  } else {
    sending.end(body);
  }
  const response = await answered;
  if (response === undefined) return { status: 0, body: undefined };
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  const text = Buffer.concat(pieces).toString();
  return { status: response.statusCode ?? 0, body: parsed(text) };
}

/** JSON as what it says; an error page as its text. */
function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
