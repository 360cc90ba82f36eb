import { libraryBuild } from '../../tsup.shared.js';

export default libraryBuild({
  index: 'src/index.ts',
  fastify: 'src/adapters/fastify/index.ts',
  nestjs: 'src/adapters/nestjs/index.ts',
  redis: 'src/stores/redis/index.ts',
  mongodb: 'src/stores/mongodb/index.ts',
  express: 'src/adapters/express/index.ts',
  fetch: 'src/adapters/fetch/index.ts',
  lambda: 'src/adapters/lambda/index.ts',
  prometheus: 'src/adapters/prometheus/index.ts',
  opentelemetry: 'src/adapters/opentelemetry/index.ts',
  remote: 'src/remote/index.ts',
  diagnose: 'src/diagnose/index.ts',
  'webhook-diagnose': 'src/diagnose/cli.ts',
  inbox: 'src/inbox/index.ts',
  signing: 'src/signing/index.ts',
  testing: 'src/testing/index.ts',
});
