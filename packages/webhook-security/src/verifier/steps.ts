import type { VerifierSettings } from '../options.js';
import { decodeUtf8 } from '../payload/utf8.js';
import { isSynchronous } from '../platform/index.js';
import { type Stage, stageOrder } from '../reasons.js';
import { addressStep } from './address-step.js';
import { bodyDigestStep } from './body-digest-step.js';
import type { Step } from './check.js';
import {
  bodyTimeStep,
  contentReader,
  payloadStep,
  type ReadContent,
  replayStep,
} from './content-steps.js';
import { namingStep } from './delivery-id.js';
import { formStep } from './form-step.js';
import { bodyHandshake } from './handshake-step.js';
import { planHeaders } from './header-plan.js';
import { headerTimeStep } from './header-time-step.js';
import { requestStep } from './request-step.js';
import { signatureStep } from './signature-step.js';

export interface StagedStep {
  readonly stage: Stage;
  readonly step: Step;
}

/** What one verifier does with each request. */
export interface VerifierSteps {
  readonly steps: readonly StagedStep[];
  readonly contentOf: ReadContent;
}

/** The steps of each stage, in the order that the scheme declares; those with nothing to do are left out. */
export function planSteps(settings: VerifierSettings): VerifierSteps {
  const { scheme } = settings;
  const plan = planHeaders(scheme);
  const contentOf = contentReader(settings);
  const stepsOf: Readonly<Record<Stage, () => readonly (Step | undefined)[]>> = {
    request: () => [requestStep(settings, plan)],
    address: () => [
      addressStep(settings, plan),
      scheme.handshake?.kind === 'query' ? asked : undefined,
    ],
    form: () => [formStep(settings, plan)],
    headerTime: () => [headerTimeStep(settings)],
    signature: () => [
      isSynchronous && settings.keys.isFixed ? undefined : keepBody,
      signatureStep(settings, plan),
      bodyDigestStep(scheme),
      readsText(settings) ? keepText : undefined,
      bodyHandshake(settings, contentOf),
    ],
    bodyTime: () => [bodyTimeStep(settings, contentOf)],
    replay: () => [namingStep(scheme, contentOf), replayStep(settings, contentOf)],
    payload: () => [payloadStep(settings, contentOf)],
  };
  const steps = (scheme.stages ?? stageOrder).flatMap((stage) =>
    stepsOf[stage]().flatMap((step) => (step === undefined ? [] : [{ stage, step }])),
  );
  return { steps, contentOf };
}

const asked: Step = (check) => check.asked?.();

/** Whether anything behind the signature looks into the body. */
function readsText({ scheme, payload }: VerifierSettings): boolean {
  const { content, bodyTime, deliveryId, handshake } = scheme;
  if (content !== 'json') return false;
  return (
    payload !== false ||
    bodyTime !== undefined ||
    deliveryId.kind === 'content' ||
    handshake?.kind === 'body'
  );
}

/** While keys or a check are waited for, others may write into the body's memory. `slice` of a Buffer is no copy. */
const keepBody: Step = (check) => {
  check.body = Uint8Array.from(check.body);
  return undefined;
};

/** Takes the text as it was signed: nothing that is written into the body's memory later changes it. */
const keepText: Step = (check) => {
  check.text = decodeUtf8(check.body);
  return undefined;
};
