import { mkdtemp } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openJournal } from '#data/grow/label-journal.ts';
import { labelRows } from '#data/grow/label-row.ts';
import { openLabelling } from '../growth/label-data.ts';
import { labelPage, pageState } from './data-label-page.ts';
import { labelScript } from './data-label-script.ts';
import { openLabelServer } from './data-label-server.ts';

const hostile = '</script><img src=x onerror=alert(1)> "quoted" \u202eevil';

interface PageState {
  readonly row: { readonly key: string; readonly turns: readonly { readonly text: string }[] };
  readonly labels: readonly { readonly label: string }[];
}

async function served() {
  const folder = await mkdtemp(join(tmpdir(), 'rung-label-'));
  const labels = ['x', `y ${hostile}`];
  const labelling = openLabelling({
    rows: labelRows([hostile, 'second'].map((content, index) => ({ line: index + 1, turns: [{ role: 'user', content }] }))),
    labels,
    by: 'ana',
    journal: openJournal(join(folder, 'rows.labels.jsonl')),
    order: 'file',
    seed: 1,
    double: 0,
    minimumGain: 0.03,
    confidence: 0.95,
    now: () => 1,
  });
  let ends = 0;
  const server = await openLabelServer({
    port: 0,
    page: (nonce) => labelPage({ title: `rows ${hostile}`, labels, drafts: false }, nonce),
    state: () => pageState(labelling.view(), labels),
    act: labelling.act,
    onEnd: () => ends++,
  });
  onTestFinished(async () => {
    await server.close();
    await labelling.close();
  });
  const { origin } = new URL(server.url);
  const act = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${server.url}act`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: origin, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    labelling,
    server,
    origin,
    act,
    state: async () => (await (await fetch(`${server.url}state`)).json()) as PageState,
    ends: () => ends,
  };
}

/** The status of a request whose Host is chosen, which `fetch` does not allow. */
function statusWithHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('the page of rung data label', () => {
  it('labels, undoes and ends', async () => {
    const { labelling, act, state, ends } = await served();
    const before = await state();
    expect(before).toMatchObject({ free: false, labelled: 0, rows: 2, canUndo: false, row: { name: 'row 1' } });
    const after = await (await act({ do: 'label', row: before.row.key, label: 'x' })).json();
    expect(after).toMatchObject({ labelled: 1, canUndo: true, row: { name: 'row 2' } });
    expect(await (await act({ do: 'undo' })).json()).toMatchObject({ labelled: 0, row: { name: 'row 1' } });
    await act({ do: 'skip', row: before.row.key });
    expect(labelling.view()).toMatchObject({ left: 1, progress: { skipped: 1 } });
    expect(await (await act({ do: 'end' })).json()).toEqual({ ended: true });
    expect(ends()).toBe(1);
  });

  it('is reached under its secret name, host and origin alone', async () => {
    const { server, origin, act } = await served();
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{43}\/$/);
    expect((await fetch(`${origin}/`)).status).toBe(404);
    expect((await fetch(`${origin}/${'A'.repeat(43)}/state`)).status).toBe(404);
    expect((await fetch(`${server.url}elsewhere`)).status).toBe(404);
    expect((await fetch(`${server.url}act`)).status).toBe(405);
    expect(await statusWithHost(`${server.url}state`, 'rebound.example:80')).toBe(403);
    expect(await statusWithHost(`${server.url}state`, new URL(server.url).host)).toBe(200);
    expect((await act({ do: 'undo' }, { Origin: 'https://elsewhere.example' })).status).toBe(403);
    expect((await act({ do: 'undo' }, { Origin: 'null' })).status).toBe(403);
    expect((await act({ do: 'undo' }, { 'Content-Type': 'text/plain' })).status).toBe(403);
    const bare = await fetch(`${server.url}act`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"do":"undo"}',
    });
    expect(bare.status).toBe(403);
  });

  it('answers what is no act with a sentence, and changes nothing', async () => {
    const { labelling, act, state } = await served();
    const { row } = await state();
    for (const body of ['', 'no json', '[]', '{"do":"constructor"}', '{"do":"label"}', '{"do":"skip","row":3}', 'x'.repeat(2 << 20)]) {
      expect((await act(body)).status).toBe(400);
    }
    for (const body of [{ do: 'label', row: row.key, label: 'none' }, { do: 'label', row: 'gone', label: 'x' }, { do: 'undo' }]) {
      const response = await act(body);
      expect(response.status).toBe(409);
      expect(await response.json()).toEqual({ error: expect.stringMatching(/\.$/) });
    }
    expect(labelling.view().progress).toMatchObject({ labelled: 0, skipped: 0 });
  });

  it('shows text as text, lets through its own script alone, and needs nothing from elsewhere', async () => {
    const { server, state } = await served();
    const response = await fetch(server.url);
    const page = await response.text();
    const policy = response.headers.get('content-security-policy') ?? '';
    const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1];
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(page.match(/<script[^>]*>/g)).toEqual([`<script nonce="${nonce}">`]);
    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;img src=x');
    expect(page).not.toMatch(/(src|href)="?https?:|url\(|@import|innerHTML|insertAdjacent|document\.write/);
    expect((await fetch(server.url)).headers.get('content-security-policy')).not.toBe(policy);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { row, labels } = await state();
    expect(row.turns[0]?.text).toContain('⟦U+202E⟧');
    expect(labels[1]?.label).toBe(`y ${hostile}`);
    expect(() => new Script(labelScript)).not.toThrow();
  });

  it('says so where the port is taken', async () => {
    const { server } = await served();
    const port = Number(new URL(server.url).port);
    const more = { port, page: () => '', state: () => ({}), act: () => {}, onEnd: () => {} };
    await expect(openLabelServer(more)).rejects.toMatchObject({ code: 'port-taken', exitCode: 2 });
  });
});
