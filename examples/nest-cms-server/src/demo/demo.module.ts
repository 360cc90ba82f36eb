import { Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '../config/environment.js';
import { UserService } from '../identity/user.service.js';
import { CLOCK, type Clock } from '../platform/clock.js';
import { LOGGER, type Logger } from '../platform/logger.js';
import { Database } from '../platform/mongo/database.js';
import { createBcryptHasher } from '../protection/password-hasher.js';
import { hashOnce } from './hash-once.js';
import { refuseDemoDatabase, seedDemo } from './seed-demo.js';

/**
 * Makes the demo data before the first request is taken, where it is switched on, and keeps a server in production
 * from running on what was made elsewhere.
 */
@Module({})
export class DemoModule implements OnApplicationBootstrap {
  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.environment.nodeEnv === 'production') await refuseDemoDatabase(this.database);
    if (!this.environment.demo) return;
    const { environment, database, clock } = this;
    const users = new UserService(database, hashOnce(createBcryptHasher()), clock);
    const { logins } = await seedDemo({ environment, database, users, clock });
    this.logger.info({ logins: logins.map(({ email }) => email) }, 'demo data is there');
  }
}
