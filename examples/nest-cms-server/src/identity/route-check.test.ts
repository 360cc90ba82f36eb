import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { DiscoveryModule, MetadataScanner } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import { idSchema } from '../platform/http/validation.js';
import { Public, Roles } from './access.js';
import { checkRoutes } from './route-check.js';

async function check(controller: new () => object): Promise<void> {
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule],
    providers: [MetadataScanner],
    controllers: [controller],
  }).compile();
  checkRoutes(module as unknown as NestFastifyApplication);
}

describe('the check of routes at start', () => {
  it('lets a controller through whose routes say who may call them', async () => {
    @Controller('good')
    @Roles('admin')
    class GoodController {
      @Get()
      list(): string {
        return this.helper();
      }

      @Get(':id')
      @Public()
      find(@Param('id', { schema: idSchema }) id: string): string {
        return id;
      }

      // No route, so nothing to say.
      helper(): string {
        return '';
      }
    }
    await expect(check(GoodController)).resolves.toBeUndefined();
  });

  it('refuses a route without access, and names it', async () => {
    @Controller('open')
    class OpenController {
      @Get()
      @Public()
      list(): string {
        return '';
      }

      @Get('forgotten')
      forgotten(): string {
        return '';
      }
    }
    await expect(check(OpenController)).rejects.toThrow(
      'OpenController.forgotten has neither @Public() nor @Roles(…)',
    );
  });

  it('refuses bodies and parameters without a schema, and names all of them', async () => {
    @Controller('loose')
    @Public()
    class LooseController {
      @Post(':id')
      change(@Param('id') id: string, @Body() body: unknown): unknown {
        return [id, body];
      }
    }
    const result = check(LooseController);
    await expect(result).rejects.toThrow('LooseController.change has a @Param without a schema');
    await expect(result).rejects.toThrow('LooseController.change has a @Body without a schema');
  });
});
