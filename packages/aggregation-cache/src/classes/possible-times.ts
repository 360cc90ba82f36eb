import { invalidOption } from '../errors.js';
import type { PipelineClass } from './pipeline-class.js';

/** Options that are possible by themselves and not together. @throws INVALID_OPTION */
export const requirePossibleTimes = ({
  softTimeoutMs,
  hardTimeoutMs,
  staleWhileRevalidateMs,
  staleIfErrorMs,
}: Pick<
  PipelineClass,
  'softTimeoutMs' | 'hardTimeoutMs' | 'staleWhileRevalidateMs' | 'staleIfErrorMs'
>): void => {
  if (softTimeoutMs === undefined) return;
  if (hardTimeoutMs !== undefined && softTimeoutMs >= hardTimeoutMs) {
    throw invalidOption(
      'softTimeoutMs',
      softTimeoutMs,
      `below hardTimeoutMs, which is ${hardTimeoutMs}`,
    );
  }
  if (staleIfErrorMs === 0 && staleWhileRevalidateMs === 0) {
    throw invalidOption(
      'softTimeoutMs',
      softTimeoutMs,
      'left out unless staleIfErrorMs or staleWhileRevalidateMs allows an answer past its end',
    );
  }
};
