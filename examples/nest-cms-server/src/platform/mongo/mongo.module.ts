import { Global, Module } from '@nestjs/common';
import { collections } from '../../collections.js';
import { Database } from './database.js';
import { COLLECTIONS } from './schema.js';

@Global()
@Module({
  providers: [Database, { provide: COLLECTIONS, useValue: collections }],
  exports: [Database],
})
export class MongoModule {}
