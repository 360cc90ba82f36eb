import { AggregationCacheError } from '../errors.js';
import type { SourceRequest } from '../ports/source.js';
import { type Failure, serverCodeOf } from './classify-error.js';
import type { PassedOver } from './passed-over.js';
import type { Route } from './routes.js';

/** @param connectError why the client could not be connected: the cause, unless a member gave one */
export const noMember = (
  { pipelineClass: { name } }: SourceRequest,
  passedOver: readonly PassedOver[],
  connectError?: unknown,
): AggregationCacheError<'NO_MEMBER'> => {
  const told = passedOver.map(({ member, reason }) => `${member}: ${reason}`).join('; ');
  return new AggregationCacheError(
    'NO_MEMBER',
    `No member could answer '${name}' (${told}).`,
    {
      pipelineClass: name,
      passedOver: passedOver.map(({ member, reason }) => ({ member, reason })),
    },
    { cause: passedOver.at(-1)?.error ?? connectError },
  );
};

/** An end of the read that no other member could change; undefined if another may be asked. */
export const finalError = (
  failure: Failure | 'lagging',
  request: SourceRequest,
  route: Route,
  cause: unknown,
): AggregationCacheError | undefined => {
  if (failure === 'maxTime') return maxTimeExceeded(request, route, cause);
  return failure === 'query' ? queryFailed(request, route, cause) : undefined;
};

/** The server may quote a value that it could not convert, say. */
const toldOf = ({ pipelineClass }: SourceRequest, cause: unknown): ErrorOptions | undefined =>
  pipelineClass.personal ? undefined : { cause };

const maxTimeExceeded = (
  { pipelineClass: { name, maxTimeMs } }: SourceRequest,
  { id }: Route,
  cause: unknown,
): AggregationCacheError<'MAX_TIME_EXCEEDED'> =>
  new AggregationCacheError(
    'MAX_TIME_EXCEEDED',
    `'${name}' took more than its ${maxTimeMs} ms on ${id}.`,
    { pipelineClass: name, member: id, maxTimeMs },
    { cause },
  );

const queryFailed = (
  request: SourceRequest,
  { id }: Route,
  cause: unknown,
): AggregationCacheError<'QUERY_FAILED'> => {
  const { name } = request.pipelineClass;
  const serverCode = serverCodeOf(cause);
  const told = serverCode === undefined ? '' : ` (server code ${serverCode})`;
  return new AggregationCacheError(
    'QUERY_FAILED',
    `'${name}' was refused by ${id}${told}.`,
    { pipelineClass: name, member: id, serverCode },
    toldOf(request, cause),
  );
};
