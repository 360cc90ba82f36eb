import { WebhookSecurityError } from '../errors.js';
import { fieldName } from '../payload/read-json-fields.js';
import { type Stage, stageOrder } from '../reasons.js';
import { headerNames } from './header-names.js';
import { markScheme } from './mark-scheme.js';
import type { MessagePart, SignatureSource, WebhookScheme } from './scheme.js';
import { findShapeFault } from './scheme-shape.js';
import { signedPaths } from './signed-paths.js';

/**
 * Checks a scheme and freezes a copy of it.
 * @throws WebhookSecurityError INVALID_SCHEME when the scheme lacks or misspells a field, could let
 *   an unsigned request decide something, or names a piece that it does not read.
 */
export function defineScheme(scheme: WebhookScheme): WebhookScheme {
  // The copy is looked at: what is inherited is not in it, and a getter may give something else later.
  const copy = copyOf(scheme);
  const fault = findSchemeFault(copy) ?? findWeakness(copy);
  if (fault === undefined) return markScheme(copy);
  const name: unknown = (copy as Partial<WebhookScheme> | null | undefined)?.name;
  const shown = typeof name === 'string' ? name : typeof name;
  throw new WebhookSecurityError('INVALID_SCHEME', `scheme ${shown}: ${fault}`);
}

function copyOf(scheme: WebhookScheme): WebhookScheme {
  try {
    return structuredClone(scheme);
  } catch {
    throw new WebhookSecurityError('INVALID_SCHEME', 'a scheme is plain data, without functions');
  }
}

/** What every scheme must keep to, those that come with this package too. */
export function findSchemeFault(scheme: WebhookScheme): string | undefined {
  return findShapeFault(scheme) ?? findFault(scheme);
}

/** A sender that signs with SHA-1 leaves a scheme of ours no choice. */
function findWeakness({ versions }: WebhookScheme): string | undefined {
  return versions.some(({ algorithm }) => algorithm.endsWith('sha1'))
    ? 'SHA-1 is for the schemes that come with this package'
    : undefined;
}

function findFault(scheme: WebhookScheme): string | undefined {
  if (!/^[a-z0-9-]+$/.test(scheme.name)) return 'the name is lower-case letters, digits and dashes';
  return findStageFault(scheme.stages ?? stageOrder) ?? findSourceFault(scheme);
}

function findStageFault(stages: readonly Stage[]): string | undefined {
  if (stages.length !== stageOrder.length || !stageOrder.every((stage) => stages.includes(stage))) {
    return 'stages must hold each stage once';
  }
  const rules: readonly (readonly [Stage, Stage])[] = [
    ['request', 'address'],
    ['request', 'form'],
    ['form', 'headerTime'],
    ['address', 'signature'],
    ['headerTime', 'signature'],
    ['signature', 'bodyTime'],
    ['signature', 'replay'],
    ['replay', 'payload'],
    ['bodyTime', 'payload'],
  ];
  const broken = rules.find(
    ([first, second]) => !stages.slice(0, stages.indexOf(second)).includes(first),
  );
  return broken && `${broken[0]} comes before ${broken[1]}`;
}

function findSourceFault(scheme: WebhookScheme): string | undefined {
  const { signature, message, headerTime, id, deliveryId } = scheme;
  if ((signature.kind === 'field') !== (message.kind === 'form')) {
    return 'a signature in a form field goes with a form message';
  }
  if (message.kind === 'form' && scheme.content !== 'form')
    return 'a form message needs form content';
  const fault = findVersionFault(scheme) ?? findMessageFault(scheme);
  if (fault !== undefined) return fault;
  if (headerTime?.kind === 'entry' && separatorOf(signature) === undefined) {
    return 'a time in the signature header needs a list there';
  }
  if (deliveryId.kind === 'header' && id === undefined) return 'deliveryId needs the id header';
  return headerNames(scheme).some((name) => name !== name.toLowerCase())
    ? 'header names are written in lower case'
    : findLabelFault(scheme);
}

function separatorOf(signature: SignatureSource): string | undefined {
  return (signature as { readonly separator?: string }).separator;
}

function findVersionFault({ versions, signature }: WebhookScheme): string | undefined {
  const hasToken = versions.some(({ algorithm }) => algorithm === 'token');
  if (hasToken && (versions.length > 1 || signature.kind !== 'header')) {
    return 'a token is the only version, and stands in a header';
  }
  return versions.some(
    ({ algorithm, encoding }) => (algorithm === 'token') !== (encoding === 'text'),
  )
    ? 'the encoding text is for tokens, and for them alone'
    : undefined;
}

/** Entries are told apart by what they begin with. */
function findLabelFault({ versions, signature, headerTime }: WebhookScheme): string | undefined {
  const labels = versions.map(({ label }) => label ?? '');
  if (headerTime?.kind === 'entry') labels.push(headerTime.label);
  const separator = separatorOf(signature);
  if (separator !== undefined && labels.some((label) => label.includes(separator))) {
    return 'a label holds no separator';
  }
  return labels.some((label, index) =>
    labels.some((other, place) => place !== index && other.startsWith(label)),
  )
    ? 'each version, and a time among them, needs a label of its own, none the beginning of another'
    : undefined;
}

/**
 * What is read must be signed, and what is signed must be read. A token signs nothing at all; of what
 * its scheme calls the message a delivery gets its name.
 */
function findMessageFault(scheme: WebhookScheme): string | undefined {
  const { message, headerTime, id, signature, content, bodyDigest } = scheme;
  const isForm = message.kind === 'form';
  const has = (part: MessagePart) => !isForm && message.parts.includes(part);
  const paths = signedPaths(scheme);
  if ((signature.kind === 'json') !== paths.length > 0) {
    return 'a signature in a JSON body goes with a message of its values';
  }
  if (scheme.keyHint?.kind === 'json' && paths.length === 0) {
    return 'a key hint in a JSON body goes with a signature there';
  }
  if (paths.length > 0 && content !== 'json') return 'values of a JSON body need JSON content';
  if (has('pairs') && content !== 'form') return 'pairs need form content';
  if (bodyDigest !== undefined && !has('url')) return 'a digest in the address needs a signed url';
  const signsBody =
    isForm || has('body') || has('pairs') || paths.length > 0 || bodyDigest !== undefined;
  if (!signsBody) return 'the signed message must hold the body';
  if (has('time') !== (headerTime !== undefined)) {
    return 'a header time must be signed, and a signed time must be read';
  }
  if (has('id') !== (id !== undefined)) return 'an id must be signed, and a signed id must be read';
  return findPathFault(scheme);
}

/** Values of a JSON body are kept by `fieldName`, and a value that is read holds no other. */
function findPathFault(scheme: WebhookScheme): string | undefined {
  const sources = [scheme.signature, scheme.keyHint, ...signedPaths(scheme)];
  const paths = sources.flatMap((source) =>
    source !== undefined && 'path' in source ? [source.path] : [],
  );
  if (paths.some((path) => paths.some((other) => isInTheWay(path, other)))) {
    return 'paths of a JSON body may neither lead into each other nor be alike when joined with dots';
  }
  if (paths.some((path) => paths.some((other) => isBesideList(path, other)))) {
    return 'a step 0 goes into a list of one, beside which no other step leads on';
  }
  const signed = signedPaths(scheme).map(({ path }) => written(path));
  return signed.length > 0 && readPaths(scheme).some((path) => !signed.includes(written(path)))
    ? 'what is read of a JSON body beside its signature must be signed'
    : undefined;
}

/** What later stages read of the content. */
function readPaths({ bodyTime, deliveryId, handshake }: WebhookScheme): (readonly string[])[] {
  const paths = deliveryId.kind === 'content' ? [...deliveryId.paths] : [];
  if (bodyTime !== undefined) paths.push(bodyTime.path);
  if (handshake?.kind === 'body') {
    paths.push(handshake.when.path);
    if ('path' in handshake.reply) paths.push(handshake.reply.path);
  }
  return paths;
}

function isInTheWay(path: readonly string[], other: readonly string[]): boolean {
  const [steps, otherSteps] = [written(path), written(other)];
  if (steps === otherSteps) return false;
  return otherSteps.startsWith(steps) || fieldName(path) === fieldName(other);
}

/** In quotes, so that no step is the beginning of another. */
function written(path: readonly string[]): string {
  return path.map((step) => JSON.stringify(step)).join();
}

/** Whether a path goes into a list where the other goes elsewhere: that would be a member of the list itself. */
function isBesideList(path: readonly string[], other: readonly string[]): boolean {
  return path[path.findIndex((step, index) => step !== other[index])] === '0';
}
