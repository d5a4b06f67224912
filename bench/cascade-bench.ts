import {
  type CaptureTarget,
  createAuditTrail,
  createSession,
  executeCaptured,
  fromPgPool,
  migrate,
} from '@indelible/core'
import pg from 'pg'
import { withDatabase } from '../test/support/database-url.ts'
import { median, medianRatio } from './median.ts'

/** One row: a delete of a parent, announced or followed, as ratios to the plain statement. */
export interface CascadeRow {
  readonly shape: string
  readonly plain: number
  readonly announced: number
  readonly followed: number
}

const tables = `
  create table lone (id int primary key, t text);
  create table parent (id int primary key, t text);
  create table child (id serial primary key, p int references parent on delete cascade, t text);
  create table grandchild (id serial primary key, c int references child on delete cascade, t text);
  create table loose (id serial primary key, p int references parent on delete set null, t text);
  create table top (id int primary key, t text);
  create table side (id serial primary key, p int references top on delete cascade, t text);
  create table corner (id serial primary key, s int references side on delete cascade, p int references top on delete set null, t text);
  create index on child (p); create index on grandchild (c); create index on loose (p);
  create index on side (p); create index on corner (s); create index on corner (p)`

const fillParents = (children: number) => `
  insert into parent select g, 'p' from generate_series($1::int, $2) g;
  insert into child (p, t) select g, 'c' from generate_series($1, $2) g, generate_series(1, ${children});
  insert into grandchild (c, t) select id, 'g' from child where p between $1 and $2;
  insert into loose (p, t) select g, 'n' from generate_series($1, $2) g where ${children} > 0`

const shapes = [
  {
    name: 'a table that nobody refers to',
    table: 'lone',
    fill: "insert into lone select g, 'p' from generate_series($1::int, $2) g",
  },
  { name: 'no children', table: 'parent', fill: fillParents(0) },
  { name: '3 children, 3 grandchildren, 1 set null', table: 'parent', fill: fillParents(3) },
  {
    name: 'a diamond: 3 children, 3 rows set null and then deleted',
    table: 'top',
    fill: `insert into top select g, 'p' from generate_series($1::int, $2) g;
      insert into side (p, t) select g, 'c' from generate_series($1, $2) g, generate_series(1, 3);
      insert into corner (s, p, t) select id, p, 'g' from side where p between $1 and $2`,
  },
]

type Run = (text: string, values: readonly unknown[]) => Promise<unknown>

const calls = 15

/** Measures what it costs to follow foreign key actions, on the driver itself, all variants in turn within every round. */
export async function runCascadeBench(
  serverUrl: string,
  { rounds }: { readonly rounds: number },
): Promise<CascadeRow[]> {
  const admin = new pg.Client({ connectionString: serverUrl })
  await admin.connect()
  await admin.query('create database bench_cascades')
  await admin.end()
  const pool = new pg.Pool({ connectionString: withDatabase(serverUrl, 'bench_cascades'), max: 6 })
  await pool.query(tables)
  const announced = await openAnnounced(pool)
  const variants = { plain: await openPlain(pool), announced, followed: await openAudited(pool) }
  const rows: CascadeRow[] = []
  for (const shape of shapes) {
    const times = { plain: [] as number[], announced: [] as number[], followed: [] as number[] }
    for (let round = -2; round < rounds; round += 1) {
      for (const name of ['plain', 'announced', 'followed'] as const) {
        const time = await measure(pool, shape, variants[name])
        if (round >= 0) times[name].push(time)
      }
    }
    const ratio = (values: readonly number[]) => medianRatio(values, times.plain)
    rows.push({
      shape: shape.name,
      plain: median(times.plain),
      announced: ratio(times.announced),
      followed: ratio(times.followed),
    })
  }
  for (const client of clients.splice(0)) client.release()
  await pool.end()
  return rows
}

// Each variant keeps its session, so that its statements stay prepared.
const clients: pg.PoolClient[] = []

async function takeClient(pool: pg.Pool): Promise<pg.PoolClient> {
  const client = await pool.connect()
  clients.push(client)
  return client
}

let nextId = 1

async function measure(pool: pg.Pool, { table, fill }: (typeof shapes)[number], run: Run): Promise<number> {
  const first = nextId
  nextId += calls
  for (const text of fill.split(';')) {
    const last = first + calls - 1
    await pool.query(text.replaceAll('$1', `${first}`).replaceAll('$2', `${last}`))
  }
  const times: number[] = []
  for (let id = first; id < first + calls; id += 1) {
    const start = performance.now()
    await run(`delete from ${table} where id = $1`, [id])
    times.push(performance.now() - start)
  }
  return median(times)
}

async function openPlain(pool: pg.Pool): Promise<Run> {
  const client = await takeClient(pool)
  return async (text, values) => await client.query({ name: text, text, values: [...values] })
}

/** Before the functions are made there is nothing to follow with. */
async function openAnnounced(pool: pg.Pool): Promise<Run> {
  await migrate(fromPgPool(pool))
  await pool.query(`do $$ declare made record; begin
    for made in select p.oid::regprocedure as f from pg_proc p where p.proname ~ '^cascade_(delete|update)_' loop
      execute format('drop function %s', made.f); end loop; end $$`)
  const run = await openAudited(pool)
  await migrate(fromPgPool(pool))
  return run
}

async function openAudited(pool: pg.Pool): Promise<Run> {
  const trail = createAuditTrail({ options: { seal: false }, open: async () => undefined })
  const { engine } = await trail.connect(fromPgPool(pool))
  const client = await takeClient(pool)
  const target = targetOf(client)
  return (text, values) => {
    // The catalog is to stay as it was, so that what was announced in the beginning is announced to the end.
    return executeCaptured(
      { ...engine, catalog: { ...engine.catalog, refreshIfOld: () => undefined } },
      target,
      {
        text,
        values: [...values],
      },
    )
  }
}

interface Request {
  readonly text: string
  readonly values: unknown[]
  readonly name?: string
}

function targetOf(client: pg.PoolClient): CaptureTarget<Request, pg.QueryResult> {
  const target: CaptureTarget<Request, pg.QueryResult> = {
    session: createSession(),
    inTransaction: false,
    audit: { query: async (sql, params = []) => (await client.query(sql, [...params])).rows },
    describe: ({ text, values }) => ({ sql: text, parameters: values.length, values }),
    run: (request) => client.query(request),
    rewrite: ({ values }, { sql, parameters, name }) => ({
      text: sql,
      values: [...values, ...parameters],
      ...(name === undefined ? {} : { name }),
    }),
    strip: (result) => result,
    countRows: ({ rowCount }) => rowCount ?? 0,
    script: async (sql) => void (await client.query(sql)),
    runBetween: (request) => client.query(request),
    explain: async () => '[]',
    transaction: (work) => work(target),
    describeError: (error) => ({ message: String(error) }),
    isUnread: () => false,
    restoreError: (error) => error,
  }
  return target
}
