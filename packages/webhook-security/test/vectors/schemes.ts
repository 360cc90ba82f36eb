import { sns, type WebhookScheme } from '../../src/index.js';
import { definePreset } from '../../src/scheme/define-preset.js';
import { PRESETS } from '../../src/scheme/presets/all.js';

const presets = Object.values(PRESETS).map((preset) => preset());

/** The vectors' schemes: every preset by its name, and SNS as topics sign by default. */
export const vectorSchemes: Readonly<Record<string, WebhookScheme>> = {
  ...Object.fromEntries(presets.map((scheme) => [scheme.name, scheme])),
  'sns-sha1': sns({ signatureVersion: 1 }),
};

/** The same for a published secret that is shorter than anybody should have one. */
export function withShortSecrets(scheme: WebhookScheme): WebhookScheme {
  const versions = scheme.versions.map((version) => ({
    ...version,
    key: { ...version.key, minBytes: 1 },
  }));
  return definePreset({ ...scheme, versions });
}
