import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { CurrentCaller, Roles } from '../../identity/access.js';
import type { Caller } from '../../identity/caller.js';
import { Answers } from '../../platform/http/answers.js';
import { type Page, type PageQuery, pageOf, pageQuerySchema } from '../../platform/http/page.js';
import { QueryOf } from '../../platform/http/query-of.js';
import {
  acceptOfferSchema,
  type CreateOffer,
  createOfferSchema,
  type OfferView,
  offerViewSchema,
} from './offer.schema.js';
import { OfferService } from './offer.service.js';

@ApiTags('offers')
@Controller('offers')
export class OfferController {
  constructor(private readonly offers: OfferService) {}

  @Post('create')
  @Roles('employee')
  @Answers({ status: 201, schema: offerViewSchema, about: 'The offer, in review.' })
  create(
    @CurrentCaller() caller: Caller,
    @Body({ schema: createOfferSchema }) input: CreateOffer,
  ): Promise<OfferView> {
    return this.offers.create(caller, input);
  }

  @Get()
  @Roles('client', 'employee', 'manager')
  @Answers({ schema: pageOf(offerViewSchema), about: 'Own offers, newest first.' })
  list(
    @CurrentCaller() caller: Caller,
    @QueryOf(pageQuerySchema) page: PageQuery,
  ): Promise<Page<OfferView>> {
    return this.offers.list(caller, page);
  }

  @Post('accept')
  @Roles('client')
  @Answers({ schema: offerViewSchema, about: 'The offer, accepted.' })
  accept(
    @CurrentCaller() caller: Caller,
    @Body({ schema: acceptOfferSchema }) input: z.output<typeof acceptOfferSchema>,
  ): Promise<OfferView> {
    return this.offers.accept(caller, input.offerId);
  }
}
