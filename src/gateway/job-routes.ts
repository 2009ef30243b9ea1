import type { FastifyInstance } from 'fastify';
import { isJsonObject } from '#core/json.ts';
import { type JobContext, runsOf } from './job-context.ts';
import type { JobQueue } from './job-queue.ts';
import { readJobRequest } from './job-request.ts';
import { eventIds, happenings, wireCheckpoints, wireEvent, wireJob } from './job-wire.ts';
import { newJob } from './new-job.ts';
import { pageBy, pageOf } from './paging.ts';
import type { ServedJob } from './served-job.ts';
import { WireError } from './wire-error.ts';

interface OneJob {
  Params: { id: string };
}

const pageSize = { usual: 20, most: 100 };

/** `/v1/fine_tuning/jobs`: create, list, look at, cancel, pause, resume, events, checkpoints. */
export function jobRoutes(server: FastifyInstance, context: JobContext, queue: JobQueue): void {
  const { records, config } = context;
  const path = '/v1/fine_tuning/jobs';
  const wire = (job: ServedJob) => wireJob(job, config.organization, context.now(), queue.secondsLeft(job.id));
  const jobOf = (id: string): ServedJob => {
    const job = records.read(id);
    if (job !== undefined) return job;
    throw new WireError(404, `Could not find fine tune: ${JSON.stringify(id)}.`, { param: 'fine_tune_id', code: 'fine_tune_not_found' });
  };

  server.post(path, async ({ body }) => {
    const job = newJob(readJobRequest(body), context);
    await records.write(job);
    queue.look();
    return wire(job);
  });

  server.get(path, async ({ query }) => {
    const fits = metadataFilter(query);
    return pageOf([...records.list()].reverse().filter(fits).map(wire), query, pageSize);
  });

  server.get<OneJob>(`${path}/:id`, async ({ params }) => wire(jobOf(params.id)));
  server.post<OneJob>(`${path}/:id/cancel`, async ({ params }) => wire(await queue.cancel(jobOf(params.id))));
  server.post<OneJob>(`${path}/:id/pause`, async ({ params }) => wire(await queue.pause(jobOf(params.id))));
  server.post<OneJob>(`${path}/:id/resume`, async ({ params }) => wire(await queue.resume(jobOf(params.id))));

  server.get<OneJob>(`${path}/:id/events`, async ({ params, query }) => {
    const job = jobOf(params.id);
    const told = job.run === undefined ? [] : await runsOf(job, context).events(job.run);
    const idOf = eventIds(job);
    const { data, ...page } = pageBy(idOf, happenings(job, told), query, pageSize);
    return { ...page, data: data.map((happened) => wireEvent(idOf(happened), happened)) };
  });

  server.get<OneJob>(`${path}/:id/checkpoints`, async ({ params, query }) =>
    pageOf(wireCheckpoints(jobOf(params.id), config.organization), query, { usual: 10, most: 100 }),
  );
}

/** `metadata[key]=value`, each of which a job must have; `metadata=null` for jobs without any. */
function metadataFilter(query: unknown): (job: ServedJob) => boolean {
  if (!isJsonObject(query)) return () => true;
  if (query['metadata'] === 'null') return ({ metadata }) => metadata === null;
  const wanted = Object.entries(query).flatMap(([name, value]) => {
    const key = /^metadata\[(.+)\]$/.exec(name)?.[1];
    return key === undefined ? [] : [[key, String(value)] as const];
  });
  return ({ metadata }) => wanted.every(([key, value]) => metadata?.[key] === value);
}
