import { readFileSync } from 'node:fs';

/** One message of the gateway, and where it stands in the reference. */
export interface Example {
  readonly name: string;
  readonly source: string;
  /** What it is: the shape of a reply, a notification, or what the card form says in the browser. */
  readonly as: string;
  readonly body: unknown;
}

/** One request to the gateway, digit for digit. */
export interface RequestExample {
  readonly name: string;
  readonly source: string;
  readonly text: string;
}

/** Every JSON block of the reference, and a few replies that it gives in running text. */
export const examples = JSON.parse(
  readFileSync(new URL('../fixtures/gateway-examples.json', import.meta.url), 'utf8'),
) as { readonly replies: readonly Example[]; readonly requests: readonly RequestExample[] };

/** The example of this name. */
export function exampleOf(name: string): Example {
  const found = examples.replies.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no example "${name}"`);
  return found;
}
