import { WebhookSecurityError } from '../errors.js';
import { type Stage, stageOrder } from '../reasons.js';
import type { WebhookScheme } from './scheme.js';
import { findShapeFault } from './scheme-shape.js';

/**
 * Checks a scheme and freezes a copy of it.
 * @throws WebhookSecurityError INVALID_SCHEME when the scheme lacks or misspells a field, could let
 *   an unsigned request decide something, or names a piece that it does not read.
 */
export function defineScheme(scheme: WebhookScheme): WebhookScheme {
  const fault = findShapeFault(scheme) ?? findFault(scheme);
  if (fault !== undefined) {
    const name: unknown = (scheme as Partial<WebhookScheme> | null | undefined)?.name;
    const shown = typeof name === 'string' ? name : typeof name;
    throw new WebhookSecurityError('INVALID_SCHEME', `scheme ${shown}: ${fault}`);
  }
  return deepFreeze(structuredClone(scheme));
}

function findFault(scheme: WebhookScheme): string | undefined {
  if (!/^[a-z0-9-]+$/.test(scheme.name)) return 'the name is lower-case letters, digits and dashes';
  return findStageFault(scheme.stages ?? stageOrder) ?? findSourceFault(scheme);
}

function findStageFault(stages: readonly Stage[]): string | undefined {
  if (stages.length !== stageOrder.length || !stageOrder.every((stage) => stages.includes(stage))) {
    return 'stages must hold each stage once';
  }
  const position = (stage: Stage) => stages.indexOf(stage);
  if (position('request') !== 0) return 'the request stage comes first';
  if (position('form') > position('headerTime')) return 'headerTime needs form before it';
  for (const stage of ['address', 'form', 'headerTime'] as const) {
    if (position(stage) > position('signature')) return `${stage} comes before signature`;
  }
  if (position('bodyTime') < position('signature')) return 'bodyTime comes after signature';
  if (position('replay') < position('signature')) return 'replay comes after signature';
  if (position('payload') < position('replay')) return 'payload comes after replay';
  if (position('bodyTime') > position('payload')) return 'bodyTime comes before payload';
  return undefined;
}

function findSourceFault(scheme: WebhookScheme): string | undefined {
  const { signature, message, headerTime, id, deliveryId } = scheme;
  if ((signature.kind === 'field') !== (message.kind === 'form')) {
    return 'a signature in a form field goes with a form message';
  }
  if (message.kind === 'form') {
    if (scheme.content !== 'form') return 'a form message needs form content';
    if (message.readings.length === 0) return 'a form message needs at least one reading';
  } else {
    if (!message.parts.includes('body')) return 'the signed message must hold the body';
    if (message.parts.includes('time') !== (headerTime !== undefined)) {
      return 'a header time must be signed, and a signed time must be read';
    }
    if (message.parts.includes('id') !== (id !== undefined)) {
      return 'an id must be signed, and a signed id must be read';
    }
  }
  if (headerTime?.kind === 'entry' && signature.kind !== 'header') {
    return 'a time in the signature header needs that header';
  }
  if (deliveryId.kind === 'header' && id === undefined) return 'deliveryId needs the id header';
  const headers = [
    signature.kind === 'header' ? signature.name : undefined,
    headerTime?.kind === 'header' ? headerTime.name : undefined,
    id?.header,
  ];
  return headers.some((name) => name !== undefined && name !== name.toLowerCase())
    ? 'header names are written in lower case'
    : undefined;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
