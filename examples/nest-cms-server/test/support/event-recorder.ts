import { type DynamicModule, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import type { StoredEvent } from '../../src/platform/outbox/event.js';
import { OutboxRelay } from '../../src/platform/outbox/outbox-relay.js';

/** Remembers each delivery of the outbox, in its order: also a second one of the same event. */
export class EventRecorder {
  readonly deliveries: StoredEvent[] = [];

  /** Types of the events about this document, in the order of their delivery. */
  of(id: string): string[] {
    return this.deliveries.filter(({ aggregate }) => aggregate.id === id).map(({ type }) => type);
  }

  /** To be given to the server under test as one of its modules. */
  get module(): DynamicModule {
    const { deliveries } = this;

    @Injectable()
    class Subscription implements OnModuleInit {
      constructor(private readonly relay: OutboxRelay) {}

      onModuleInit(): void {
        this.relay.subscribe('recorder', async (event) => {
          deliveries.push(event);
        });
      }
    }

    @Module({})
    class RecorderModule {}
    return { module: RecorderModule, providers: [Subscription] };
  }
}
