import { HttpException } from '@nestjs/common';
import type { RefusedVerdict } from '../../verdict.js';

/** Thrown for a refused request; the answer is the verdict's status and `{ reason }`. */
export class WebhookRefusedException extends HttpException {
  readonly verdict: RefusedVerdict;

  constructor(verdict: RefusedVerdict) {
    super({ reason: verdict.reason }, verdict.status);
    this.name = 'WebhookRefusedException';
    this.verdict = verdict;
  }
}
