// The least that such a run can cost: a pool, one POST a row, one JSON.parse.
import { Pool } from 'undici';

const [port, rows, concurrency] = process.argv.slice(2).map(Number) as [number, number, number];
const pool = new Pool(`http://127.0.0.1:${port}`, { connections: concurrency });
let next = 0;
let right = 0;
const work = async () => {
  while (next < rows) {
    const body = JSON.stringify({
      model: 'bench',
      messages: [
        { role: 'system', content: 'Is the number even?\nAnswer with one of: yes, no.' },
        { role: 'user', content: `Number ${next++}` },
      ],
    });
    const response = await pool.request({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const { choices } = (await response.body.json()) as { choices: { message: { content: string } }[] };
    if (choices[0]?.message.content === 'yes') right++;
  }
};
const begun = performance.now();
await Promise.all(Array.from({ length: concurrency }, work));
const seconds = (performance.now() - begun) / 1000;
if (right !== rows) throw new Error(`only ${right} of ${rows} rows were answered`);
console.log(JSON.stringify({ seconds, peakKilobytes: process.resourceUsage().maxRSS }));
await pool.close();
