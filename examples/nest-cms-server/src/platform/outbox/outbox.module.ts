import { Global, Module } from '@nestjs/common';
import { MongoModule } from '../mongo/mongo.module.js';
import { Outbox } from './outbox.js';
import { OutboxRelay } from './outbox-relay.js';

@Global()
@Module({
  imports: [MongoModule],
  providers: [Outbox, OutboxRelay],
  exports: [Outbox, OutboxRelay],
})
export class OutboxModule {}
