import { libraryBuild } from '../../tsup.shared.js';

export default libraryBuild({
  index: 'src/index.ts',
  fastify: 'src/adapters/fastify/index.ts',
  nestjs: 'src/adapters/nestjs/index.ts',
  redis: 'src/stores/redis/index.ts',
  mongodb: 'src/stores/mongodb/index.ts',
  testing: 'src/testing/index.ts',
});
