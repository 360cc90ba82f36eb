import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** What every route may answer beside its own answers. */
const PROBLEM = {
  type: 'object' as const,
  required: ['type', 'title', 'status', 'code', 'detail', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'Stable; meant for programs.', example: 'NOT_FOUND' },
    detail: { type: 'string', description: 'Meant for people.' },
    requestId: { type: 'string', description: 'Finds the request in the log.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

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
  const document = SwaggerModule.createDocument(app, config);
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: PROBLEM },
  };
  for (const item of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation !== undefined) operation.responses.default = problemResponse();
    }
  }
  return document;
}

function problemResponse(): { description: string; content: Record<string, object> } {
  return {
    description: 'A problem.',
    content: {
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    },
  };
}

/** Serves the description at `/docs-json` and a page for people at `/docs`. */
export function serveOpenApi(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => createOpenApi(app), {
    raw: ['json'],
    customSiteTitle: 'NestCMS API',
    swaggerOptions: { persistAuthorization: false },
  });
}
