import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers } from '../platform/http/answers.js';
import { unauthorized } from '../platform/http/problem.js';
import { CurrentCaller, Roles } from './access.js';
import { type Caller, ROLES } from './caller.js';
import { type UserView, userViewSchema } from './user.schema.js';
import { UserService } from './user.service.js';

@ApiTags('identity')
@Controller('users')
export class UsersController {
  constructor(private readonly users: UserService) {}

  @Get('me')
  @Roles(...ROLES)
  @Answers({ schema: userViewSchema, about: 'The caller.' })
  async me(@CurrentCaller() caller: Caller): Promise<UserView> {
    const user = await this.users.find(caller.userId);
    if (user === undefined) throw unauthorized('The account is gone.');
    return user;
  }
}
