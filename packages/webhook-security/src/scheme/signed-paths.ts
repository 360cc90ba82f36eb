import type { WebhookScheme } from './scheme.js';

/** A value of a JSON body that is part of the signed message. */
export interface SignedPath {
  readonly path: readonly string[];
  readonly isOptional: boolean;
  readonly forbid: string | undefined;
}

export function signedPaths({ message }: WebhookScheme): readonly SignedPath[] {
  if (message.kind !== 'parts') return [];
  return message.parts.flatMap((part) =>
    typeof part === 'object' && 'path' in part
      ? [{ path: part.path, isOptional: part.optional === true, forbid: part.forbid }]
      : [],
  );
}
