import { libraryBuild } from '../../tsup.shared.js';
import { webPlatform } from './web-platform.js';

/** What runs without anything of Node: built twice. */
const everywhere = {
  index: 'src/index.ts',
  fetch: 'src/adapters/fetch/index.ts',
  inbox: 'src/inbox/index.ts',
  remote: 'src/remote/index.ts',
  signing: 'src/signing/index.ts',
};

export default [
  libraryBuild(
    {
      ...everywhere,
      fastify: 'src/adapters/fastify/index.ts',
      nestjs: 'src/adapters/nestjs/index.ts',
      redis: 'src/stores/redis/index.ts',
      mongodb: 'src/stores/mongodb/index.ts',
      express: 'src/adapters/express/index.ts',
      lambda: 'src/adapters/lambda/index.ts',
      prometheus: 'src/adapters/prometheus/index.ts',
      opentelemetry: 'src/adapters/opentelemetry/index.ts',
      diagnose: 'src/diagnose/index.ts',
      'webhook-diagnose': 'src/diagnose/cli.ts',
      testing: 'src/testing/index.ts',
    },
    // Both builds are made at the same time.
    { clean: ['!web/**'] },
  ),
  // Its declarations are those of the other.
  libraryBuild(everywhere, {
    outDir: 'dist/web',
    platform: 'browser',
    target: 'es2022',
    dts: false,
    esbuildPlugins: [webPlatform],
  }),
].flat();
