const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Payload Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** One wrong value of a request: where it is and what is allowed there. Never the value itself. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** A `problem+json` body. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
}

export interface ProblemOptions {
  readonly status: number;
  readonly code: string;
  /** Shown to the caller. */
  readonly detail: string;
  readonly retryAfterSeconds?: number;
  readonly errors?: readonly FieldError[];
  readonly cause?: unknown;
}

/** The one error that handlers throw to answer with something else than success. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;
  readonly errors: readonly FieldError[] | undefined;

  constructor(options: ProblemOptions) {
    super(`${options.code}: ${options.detail}`, { cause: options.cause });
    this.status = options.status;
    this.code = options.code;
    this.detail = options.detail;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.errors = options.errors;
  }

  toBody(requestId: string): ProblemBody {
    return {
      type: 'about:blank',
      title: TITLES[this.status] ?? 'Error',
      status: this.status,
      code: this.code,
      detail: this.detail,
      requestId,
      ...(this.errors === undefined ? {} : { errors: this.errors }),
    };
  }
}

/** 400: what came in is not what the schema allows. */
export function invalidRequest(errors: readonly FieldError[], detail?: string): Problem {
  return new Problem({
    status: 400,
    code: 'VALIDATION_ERROR',
    detail: detail ?? 'The request does not have the expected form.',
    errors,
  });
}

/** 401 */
export function unauthorized(detail = 'Sign in to use this route.'): Problem {
  return new Problem({ status: 401, code: 'UNAUTHORIZED', detail });
}

/** 403: the caller may know of it, but not do this. */
export function forbidden(detail = 'You may not do this.'): Problem {
  return new Problem({ status: 403, code: 'FORBIDDEN', detail });
}

/** 404: also for what the caller may not know of. */
export function notFound(detail = 'There is nothing here for you.'): Problem {
  return new Problem({ status: 404, code: 'NOT_FOUND', detail });
}

/** 409 with a code of its own, for a move that the state does not allow. */
export function conflict(code: string, detail: string): Problem {
  return new Problem({ status: 409, code, detail });
}

/** 422 with a code of its own, for a well-formed request that makes no sense. */
export function unprocessable(code: string, detail: string): Problem {
  return new Problem({ status: 422, code, detail });
}

/** 429 */
export function tooManyRequests(retryAfterSeconds: number): Problem {
  return new Problem({
    status: 429,
    code: 'RATE_LIMITED',
    detail: 'Too many requests. Wait before the next one.',
    retryAfterSeconds,
  });
}

/** 503: something the answer needs cannot be reached now. */
export function serviceUnavailable(
  retryAfterSeconds = 1,
  detail = 'A part that this needs cannot be reached now. Try again.',
): Problem {
  return new Problem({ status: 503, code: 'SERVICE_UNAVAILABLE', detail, retryAfterSeconds });
}
