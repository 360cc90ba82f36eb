import type { IncomingMessage } from 'node:http';
import type { BodyGate } from '../body-gate.js';
import { unreadReason } from '../unread-body.js';
import { readBody } from './read-body.js';
import { type Gates, gatesKey, markIn, routeConfigKey } from './webhook-mark.js';

/** The part of an Express application that is used; Nest hands it out untyped. */
interface ExpressLike {
  readonly [gatesKey]?: Gates;
  readonly router: { readonly stack: Layer[] };
  use(middleware: Middleware): unknown;
}

interface Layer {
  readonly handle: { readonly name: string };
  readonly route?: Route | undefined;
  match(path: string): unknown;
}

interface Route {
  readonly methods: Readonly<Record<string, boolean | undefined>>;
  readonly stack: readonly { readonly handle: object }[];
}

interface ExpressRequest extends IncomingMessage {
  body?: unknown;
  readonly path: string;
}

type Middleware = (
  request: ExpressRequest,
  response: unknown,
  next: (error?: unknown) => void,
) => void;

/** What the parsers of Express are called; Nest too knows by that which are there. */
const parserNames: ReadonlySet<string> = new Set([
  'jsonParser',
  'urlencodedParser',
  'textParser',
  'rawParser',
]);

/** Requests whose content type was set aside, with what it was. */
const setAside = new WeakMap<IncomingMessage, string | undefined>();

/**
 * Lets the marked routes of a Nest application on Express receive their body as a Buffer, and no other route.
 * Nest's parsers come before all routes; so the body of a request to a marked route is read just before the
 * first of them, and parsers pass by what has been read. Without parsers the route reads it itself.
 */
export function takeRawBodiesOnExpress(express: ExpressLike, mark: object, gate: BodyGate): void {
  const known = express[gatesKey];
  if (known !== undefined) {
    known.set(mark, gate);
    return;
  }
  const { stack } = express.router;
  const firstParser = stack.findIndex(({ handle }) => parserNames.has(handle.name));
  if (firstParser === -1) return;
  const gates: Gates = new Map([[mark, gate]]);
  Object.defineProperty(express, gatesKey, { value: gates });
  const markFor = routeFinder(stack);
  express.use((request, _response, next) => {
    const gateOfRoute = request.readableDidRead ? undefined : gates.get(markFor(request));
    if (gateOfRoute === undefined) next();
    else void readBefore(request, gateOfRoute, next);
  });
  stack.splice(firstParser, 0, stack.pop() as Layer);
}

/** After the parsers: the request is again as it came. */
export function giveContentTypeBack(request: IncomingMessage): void {
  const contentType = setAside.get(request);
  if (contentType !== undefined) request.headers['content-type'] = contentType;
}

async function readBefore(
  request: ExpressRequest,
  gate: BodyGate,
  next: (error?: unknown) => void,
): Promise<void> {
  try {
    request.body = await readBody(gate, request, request.headers['content-length']);
  } catch (error) {
    next(error);
    return;
  }
  if (unreadReason(request.body) !== undefined) {
    // A parser would read on; what has no type it passes by.
    setAside.set(request, request.headers['content-type']);
    delete request.headers['content-type'];
  }
  next();
}

/** Gives the mark of the route that a request will come to, if it is a webhook's. */
function routeFinder(stack: readonly Layer[]): (request: ExpressRequest) => unknown {
  let webhooks: readonly Layer[] | undefined;
  return ({ method = '', path }) => {
    const takes = (layer: Layer) => handles(layer, method) && matches(layer, path);
    webhooks ??= stack.filter((layer) => markOf(layer) !== undefined);
    // Most requests are for other routes, of which there are many more.
    if (!webhooks.some(takes)) return undefined;
    return markOf(stack.find(takes) as Layer);
  };
}

function handles({ route }: Layer, method: string): boolean {
  if (route === undefined) return false;
  const { methods } = route;
  const name = method === 'HEAD' && !methods.head ? 'get' : method.toLowerCase();
  return methods[name] === true || methods._all === true;
}

/** A path with a broken escape makes it throw, as it will when the router asks. */
function matches(layer: Layer, path: string): boolean {
  try {
    return Boolean(layer.match(path));
  } catch {
    return false;
  }
}

/** Nest copies what decorators have put on a method to the handler it makes of it. */
function markOf({ route }: Layer): unknown {
  for (const { handle } of route?.stack ?? []) {
    const mark = markIn(Reflect.getMetadata(routeConfigKey, handle) as object | undefined);
    if (mark !== undefined) return mark;
  }
  return undefined;
}
