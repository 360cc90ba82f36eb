import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers } from '../platform/http/answers.js';
import { CurrentCaller, Public, Roles } from './access.js';
import { type Login, loginSchema, type SignedIn, signedInSchema } from './auth.schema.js';
import { AuthService } from './auth.service.js';
import { type Caller, ROLES } from './caller.js';
import { type Register, registerSchema, type UserView, userViewSchema } from './user.schema.js';
import { UserService } from './user.service.js';

@ApiTags('identity')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly users: UserService,
  ) {}

  @Post('register/client')
  @Public()
  @Answers({ status: 201, schema: userViewSchema, about: 'The new client.' })
  registerClient(@Body({ schema: registerSchema }) input: Register): Promise<UserView> {
    return this.users.create({ ...input, role: 'client' });
  }

  @Post('register/employee')
  @Roles('manager', 'admin')
  @Answers({ status: 201, schema: userViewSchema, about: 'The new employee.' })
  registerEmployee(@Body({ schema: registerSchema }) input: Register): Promise<UserView> {
    return this.users.create({ ...input, role: 'employee' });
  }

  @Post('login')
  @Public()
  @Answers({ schema: signedInSchema, about: 'A short access token for the bearer.' })
  login(@Body({ schema: loginSchema }) input: Login): Promise<SignedIn> {
    return this.auth.login(input);
  }

  @Post('logout')
  @Roles(...ROLES)
  @Answers({ status: 204, about: 'The session has ended; its token is good for nothing.' })
  logout(@CurrentCaller() caller: Caller): Promise<void> {
    return this.auth.logout(caller);
  }
}
