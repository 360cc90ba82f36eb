import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** The description of every route, made from the schemas that also check the requests. */
export function createOpenApi(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('NestCMS')
    .setDescription(
      'Errors are application/problem+json with a stable `code`. Money is in the smallest unit of its currency.',
    )
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    .build();
  return SwaggerModule.createDocument(app, config);
}

/** Serves the description at `/docs-json` and a page for people at `/docs`. */
export function serveOpenApi(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => createOpenApi(app), {
    raw: ['json'],
    customSiteTitle: 'NestCMS API',
    swaggerOptions: { persistAuthorization: false },
  });
}
