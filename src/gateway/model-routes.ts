import type { FastifyInstance } from 'fastify';
import type { ServedModels } from './served-models.ts';

/** `/v1/models`: list, look at, delete a tuned one. */
export function modelRoutes(server: FastifyInstance, models: ServedModels): void {
  server.get('/v1/models', async () => ({ object: 'list', data: models.list() }));

  server.get<{ Params: { '*': string } }>('/v1/models/*', async ({ params }) => models.read(params['*']));

  server.delete<{ Params: { '*': string } }>('/v1/models/*', async ({ params }) => {
    await models.remove(params['*']);
    return { id: params['*'], object: 'model', deleted: true };
  });
}
