import {
  type DynamicModule,
  Module,
  type ModuleMetadata,
  StandardSchemaSerializerInterceptor,
} from '@nestjs/common';
import {
  APP_FILTER,
  APP_INTERCEPTOR,
  APP_PIPE,
  DiscoveryModule,
  MetadataScanner,
} from '@nestjs/core';
import { DemoModule } from './demo/demo.module.js';
import { ContractsModule } from './features/contracts/contracts.module.js';
import { OffersModule } from './features/offers/offers.module.js';
import { IdentityModule } from './identity/identity.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { PaymentsModule } from './payments/payments.module.js';
import { PerimeterModule } from './perimeter/perimeter.module.js';
import { ProblemFilter } from './platform/http/problem.filter.js';
import { schemaPipe } from './platform/http/schema.pipe.js';
import { PlatformModule, type PlatformOptions } from './platform/platform.module.js';
import type { PasswordHasher } from './protection/password-hasher.js';

export interface AppModuleOptions extends PlatformOptions {
  readonly passwordHasher: PasswordHasher;
  /** Further modules, for tests. */
  readonly modules: NonNullable<ModuleMetadata['imports']>;
}

/** The modules of the business. Each floor below them is global. */
const features: NonNullable<ModuleMetadata['imports']> = [
  OffersModule,
  ContractsModule,
  PaymentsModule,
  DemoModule,
];

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: Nest makes modules from classes
export class AppModule {
  static with(options: AppModuleOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DiscoveryModule,
        PlatformModule.with(options),
        OperationsModule,
        PerimeterModule,
        IdentityModule.with(options),
        ...features,
        ...options.modules,
      ],
      providers: [
        MetadataScanner,
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useValue: schemaPipe },
        { provide: APP_INTERCEPTOR, useClass: StandardSchemaSerializerInterceptor },
      ],
    };
  }
}
