import type { CircuitBreaker } from '../../breaker/circuit-breaker.js';
import { InvalidOptionError } from '../../errors.js';
import { Call, type CallOptions } from '../../operation/call.js';
import type { Operation } from '../../operation/operation.js';
import { OPERATION_LAYER } from '../../operation/operation-layer.js';
import type { PolicyOptions } from '../../operation/policy.js';
import { idempotent } from '../../operation/repeatable.js';
import { runCall } from '../../operation/run-call.js';
import type { PipelinePart } from '../../pipeline/pipeline.js';
import { HttpPipeline } from '../../policy/standard-http/http-pipeline.js';

/** The policies around the requests of one key. */
export class FetchPolicies {
  readonly #all: HttpPipeline<boolean>;
  /** Without what may send a request more than once; undefined if there is nothing else. */
  readonly #once: HttpPipeline<boolean> | undefined;

  /** @throws InvalidOptionError for what is no policy */
  constructor(policy: PipelinePart, ports: PolicyOptions) {
    const options = { ...ports, order: 'unchecked' } as const;
    this.#all = pipelineOf([policy], options);
    const single = partsOnce(policy);
    this.#once = single.length === 0 ? undefined : pipelineOf(single, options);
  }

  /** @param repeats whether `operation` may be run more than once */
  execute<T>(operation: Operation<T>, repeats: boolean, options: CallOptions): Promise<T> {
    if (repeats) return this.#all.execute(idempotent(operation), options);
    if (this.#once !== undefined) return this.#once.execute(operation as never, options);
    return runCall<T>(OPERATION_LAYER, new Call(operation, options, false));
  }
}

const pipelineOf = (
  parts: readonly PipelinePart[],
  options: PolicyOptions,
): HttpPipeline<boolean> => {
  try {
    return new HttpPipeline<boolean>(parts, options);
  } catch (error) {
    if (!(error instanceof InvalidOptionError) || error.option !== 'policies') throw error;
    const allowed = 'a policy, or a function that gives one for a key';
    throw new InvalidOptionError({ option: 'policy', value: parts[0], allowed });
  }
};

/** The parts of a policy that never run an operation twice; pipelines are taken apart for that. */
const partsOnce = (part: PipelinePart): readonly PipelinePart[] => {
  const { policies, repeats } = part as {
    readonly policies?: readonly PipelinePart[];
    readonly repeats?: boolean;
  };
  if (isBreaker(part) || repeats !== true) return [part];
  return policies === undefined ? [] : policies.flatMap(partsOnce);
};

const isBreaker = (part: PipelinePart): part is CircuitBreaker =>
  typeof (part as Partial<CircuitBreaker>).tryAcquire === 'function';
