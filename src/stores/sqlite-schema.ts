/** Version of the tables below; a store of another version is refused rather than guessed at. */
export const schemaVersion = 1;

export const schema = `
create table if not exists meta (name text primary key, value text not null) without rowid;
create table if not exists calls (
  key text primary key, model text not null, response text not null,
  cost integer not null, latency_ms real, at integer not null
) without rowid;
create table if not exists rows (
  candidate text not null, split text not null, example text not null, sample integer not null,
  answer text, failure text, latency_ms real, at integer not null,
  primary key (candidate, split, example, sample)
) without rowid;
create table if not exists prepared (
  key text primary key, id text not null, manifest text not null, setup text not null
) without rowid;
create index if not exists prepared_id on prepared (id);
create table if not exists registration (one integer primary key check (one = 1), body text not null);
create table if not exists test_looks (split_hash text not null, key text not null, primary key (split_hash, key)) without rowid;
create table if not exists training (candidate text primary key, events text not null) without rowid;
create table if not exists forecasts (
  rung text not null, metric text not null, made_at integer not null, body text not null,
  primary key (rung, metric, made_at)
) without rowid;
`;
