/** What most senders have in common: JSON by POST, with nothing signed that would name a delivery. */
export const JSON_POST = {
  methods: ['POST'],
  contentTypes: ['application/json'],
  content: 'json',
  deliveryId: { kind: 'message' },
  maxBytes: 1_048_576,
  repeatStatus: 200,
} as const;

/** The body alone is signed. */
export const BODY = { kind: 'parts', parts: ['body'] } as const;

/** A secret that the sender or its user made up: a text. */
export const SECRET = { encoding: 'utf8', minBytes: 8 } as const;

/** What nearly every sender leaves unsigned. */
export const ALL_ELSE = 'every other header, the URL, its query and the method';
export const ADDRESS = 'the URL, its query and the method';
export const NO_END_OF_QUERY =
  'where the query ends and the body begins: nothing stands between them';
export const NO_TIME =
  'the time: the scheme has none, so only a replay store ends the life of a request';
