import type { WebhookScheme } from './scheme.js';

/** The headers that carry a signature, or what is signed. */
export function headerNames({
  signature,
  headerTime,
  id,
  message,
  keyHint,
}: WebhookScheme): string[] {
  const names: string[] = [];
  if (signature.kind === 'header') names.push(signature.name);
  if (headerTime?.kind === 'header') names.push(headerTime.name);
  if (id !== undefined) names.push(id.header);
  if (keyHint?.kind === 'header') names.push(keyHint.name);
  if (message.kind !== 'parts') return names;
  for (const part of message.parts) {
    if (typeof part === 'object' && 'header' in part) names.push(part.header);
  }
  return names;
}
