import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { ObjectId } from 'mongodb';
import { CurrentCaller, Roles } from '../../identity/access.js';
import type { Caller } from '../../identity/caller.js';
import { Answers } from '../../platform/http/answers.js';
import { type Page, type PageQuery, pageOf, pageQuerySchema } from '../../platform/http/page.js';
import { QueryOf } from '../../platform/http/query-of.js';
import { objectIdSchema } from '../../platform/http/validation.js';
import { setCacheHeaders } from '../../reading/cache-headers.js';
import {
  type ContractDetailsView,
  contractDetailsView,
  contractDetailsViewSchema,
} from '../../reading/contract-details.js';
import {
  type ContractView,
  type CreateContract,
  contractViewSchema,
  createContractSchema,
} from './contract.schema.js';
import { ContractService } from './contract.service.js';

@ApiTags('contracts')
@Controller('contracts')
export class ContractController {
  constructor(private readonly contracts: ContractService) {}

  @Post('create')
  @Roles('employee')
  @Answers({
    status: 201,
    schema: contractViewSchema,
    about: 'The contract; its offer is converted.',
  })
  create(
    @CurrentCaller() caller: Caller,
    @Body({ schema: createContractSchema }) input: CreateContract,
  ): Promise<ContractView> {
    return this.contracts.create(caller, input);
  }

  @Get()
  @Roles('client', 'employee', 'manager')
  @Answers({ schema: pageOf(contractViewSchema), about: 'Own contracts, newest first.' })
  list(
    @CurrentCaller() caller: Caller,
    @QueryOf(pageQuerySchema) page: PageQuery,
  ): Promise<Page<ContractView>> {
    return this.contracts.list(caller, page);
  }

  @Get(':id')
  @Roles('client', 'employee', 'manager')
  @Answers({
    schema: contractDetailsViewSchema,
    about: 'The contract with its people, payments and totals, through the aggregation layer.',
  })
  async details(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: objectIdSchema }) id: ObjectId,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ContractDetailsView> {
    const { row, read } = await this.contracts.details(caller, id);
    setCacheHeaders(reply, read);
    return contractDetailsView(row);
  }
}
