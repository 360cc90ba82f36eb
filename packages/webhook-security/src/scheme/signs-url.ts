import type { WebhookScheme } from './scheme.js';

/** Whether the address that the sender was given is part of what it signs. */
export function signsUrl({ message }: WebhookScheme): boolean {
  return message.kind === 'parts' && message.parts.includes('url');
}
