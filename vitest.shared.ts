import { defaultServerConditions } from 'vite';

/**
 * Lets tests import the workspace packages from their sources, without a build.
 * The source condition comes first; the defaults must stay, or CommonJS packages break.
 */
const conditions = ['@nestcms/source', ...defaultServerConditions];

export const sourceConditions = {
  ssr: { resolve: { conditions, externalConditions: conditions } },
};
