import type { WebhookRequest } from '../../request/webhook-request.js';

/** The events that carry an HTTP request: API Gateway (1.0 and 2.0), function URLs, load balancers. */
export interface LambdaHttpEvent {
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly httpMethod?: string;
  readonly path?: string;
  readonly rawPath?: string;
  readonly rawQueryString?: string;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueQueryStringParameters?: Readonly<
    Record<string, readonly string[] | undefined>
  > | null;
  readonly requestContext?: {
    /** Of a load balancer alone. */
    readonly elb?: unknown;
    readonly http?: { readonly method?: string; readonly sourceIp?: string };
    readonly identity?: { readonly sourceIp?: string };
  };
}

/** The request in an event; undefined where its body's bytes are lost. */
export function requestOfEvent(event: LambdaHttpEvent): WebhookRequest | undefined {
  const body = bytesOf(event);
  if (body === undefined) return undefined;
  const { requestContext, multiValueHeaders, headers } = event;
  return {
    method: event.httpMethod ?? requestContext?.http?.method ?? '',
    // With several values apart a header that stands twice can be told; joined it cannot.
    headers: (hasAny(multiValueHeaders) ?? headers ?? {}) as WebhookRequest['headers'],
    body,
    peerAddress: requestContext?.http?.sourceIp ?? requestContext?.identity?.sourceIp,
    url: `${event.rawPath ?? event.path ?? ''}${queryOf(event)}`,
  };
}

/** A load balancer that was told to give single values leaves an empty list of the others. */
function hasAny<Headers extends object>(headers: Headers | null | undefined): Headers | undefined {
  return headers && Object.keys(headers).length > 0 ? headers : undefined;
}

/** What stands for bytes that were no UTF-8: they cannot be had back. */
const REPLACEMENT = '\uFFFD';

function bytesOf({ body, isBase64Encoded }: LambdaHttpEvent): Uint8Array | undefined {
  if (body === undefined || body === null) return new Uint8Array(0);
  if (typeof body !== 'string') return undefined;
  if (isBase64Encoded === true) return Buffer.from(body, 'base64');
  return body.includes(REPLACEMENT) ? undefined : Buffer.from(body, 'utf8');
}

function queryOf(event: LambdaHttpEvent): string {
  const { rawQueryString, multiValueQueryStringParameters, queryStringParameters } = event;
  const parameters = multiValueQueryStringParameters ?? queryStringParameters ?? {};
  // A load balancer hands them on as they came; the others have decoded them.
  const write = event.requestContext?.elb === undefined ? encoded : joined;
  const query = rawQueryString ?? write(pairsOf(parameters));
  return query === '' ? '' : `?${query}`;
}

type Pair = readonly [string, string];

function pairsOf(
  parameters: Readonly<Record<string, string | readonly string[] | undefined>>,
): readonly Pair[] {
  return Object.entries(parameters).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): Pair => [name, one]),
  );
}

function encoded(pairs: readonly Pair[]): string {
  return new URLSearchParams(
    pairs.map(([name, value]): [string, string] => [name, value]),
  ).toString();
}

function joined(pairs: readonly Pair[]): string {
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}
