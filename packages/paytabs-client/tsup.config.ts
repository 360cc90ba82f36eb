import { libraryBuild } from '../../tsup.shared.js';

export default libraryBuild({
  index: 'src/index.ts',
  mongodb: 'src/stores/mongodb/index.ts',
  redis: 'src/stores/redis/index.ts',
  nestjs: 'src/adapters/nestjs/index.ts',
  opentelemetry: 'src/adapters/opentelemetry/index.ts',
  prometheus: 'src/adapters/prometheus/index.ts',
  testing: 'src/testing/index.ts',
  'simulator-cli': 'src/testing/simulator-cli.ts',
  'paytabs-cli': 'src/cli/paytabs.ts',
});
