import { Controller, Get, Header, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Public } from '../identity/access.js';
import { Answers } from '../platform/http/answers.js';
import { serviceUnavailable } from '../platform/http/problem.js';
import { Health } from './health.js';
import { Metrics } from './metrics.js';

const upSchema = z.object({ status: z.literal('up') }).meta({ id: 'Up' });
type Up = z.output<typeof upSchema>;

@ApiTags('operations')
@Controller({ version: VERSION_NEUTRAL })
export class OperationsController {
  constructor(
    private readonly health: Health,
    private readonly metrics: Metrics,
  ) {}

  @Get('health/live')
  @Public()
  @Answers({ schema: upSchema, about: 'The process answers.' })
  live(): Up {
    return { status: 'up' };
  }

  @Get('health/ready')
  @Public()
  @Answers({ schema: upSchema, about: 'This instance can do its work; 503 when it cannot.' })
  async ready(): Promise<Up> {
    if (!(await this.health.isReady())) throw serviceUnavailable(1, 'Not ready.');
    return { status: 'up' };
  }

  @Get('metrics')
  @Public()
  @ApiExcludeEndpoint()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  read(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
