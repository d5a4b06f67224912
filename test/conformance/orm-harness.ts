import type { Audit, AuditOptions } from '@indelible/core'

/**
 * What an ORM's tests supply so that `describeOrm` can hold its adapter to every promise. Its module exports it as `harness` and
 * imports nothing from vitest: a child process of plain Node.js loads it too.
 */
export interface OrmHarness<Native> {
  /** The ORM as users call it, such as `TypeORM`. */
  readonly name: string
  /** Path of the module that exports it as `harness`: `import.meta.filename`. */
  readonly module: string
  /** SQL that makes the tables which the scenarios need beside the shop's (prisma/migrations). The suite runs it before `open`. */
  readonly tables?: string
  /** Makes a client of the database at an address and connects it. Any number of them may be open at once. */
  open(url: string, options: OpenOptions): Promise<OrmClient<Native>>
  /**
   * Every way in which this ORM writes. They run in order on one database, without being reset: a scenario brings the rows that
   * it needs, or uses those of earlier ones. Names are unique.
   */
  readonly scenarios: readonly Scenario<Native>[]
}

/** How a client is to be opened. */
export interface OpenOptions {
  /** Options of the adapter, to be handed on as they are (wrong ones too: that they are refused is tested); `false`: no Indelible. */
  readonly audit: AuditOptions | false
  /** Connections of its pool. @default the ORM's own */
  readonly poolSize?: number
}

/** An open client of an ORM. As a {@link ShopSession}, each of its calls is a request of its own (a fork of the entity manager). */
export interface OrmClient<Native> extends ShopSession {
  /** What the application works with: the client, data source or ORM object. Scenarios get it. */
  readonly native: Native
  /** The audit as the adapter hands it out. Undefined without Indelible. */
  readonly audit: Audit | undefined
  /**
   * What the ORM's logger, events, subscribers and error hooks have shown the application, in order: texts of statements,
   * parameters, row counts, names of events. Without durations and ids of connections. The suite empties it.
   */
  readonly seen: unknown[]
  close(): Promise<void>
}

/**
 * The little that every ORM can say, by its own API for it and in as few statements as it takes. The entity of the table "Product"
 * is called `Product`, and its properties as in prisma/schema.prisma: `releasedAt` for released_at, `categoryId` for category_id.
 *
 * Lazy promises are to be handed out as they are. Errors of ours reach the caller with our `code`.
 */
export interface ShopSession {
  /** Inserts a product whose name is its sku and whose price is 9.90. Fails when the sku is taken. Result: its id. */
  createProduct(product: NewProduct): PromiseLike<number>
  /** `stock = stock + by`, computed by the database in one statement. */
  addStock(sku: string, by: number): PromiseLike<unknown>
  /** ON CONFLICT (sku) DO UPDATE of the stock, or what the ORM has in its place. */
  upsertProduct(product: Required<NewProduct>): PromiseLike<unknown>
  deleteProduct(sku: string): PromiseLike<unknown>
  /** Runs one statement of the caller's. Placeholders are `$1`, `$2` …, in order, each once. Result: its rows, `[]` where it has none. */
  sql(text: string, params?: readonly unknown[]): PromiseLike<readonly Record<string, unknown>[]>
  /** Runs work in a transaction, and inside one in a nested transaction. Rolls back when it throws. No time limit below a minute. */
  transaction<Result>(work: (session: ShopSession) => Promise<Result>): PromiseLike<Result>
}

/** A product to be. */
export interface NewProduct {
  readonly sku: string
  /** @default 0 */
  readonly stock?: number
}

/**
 * One way to write. It runs on an audited client, where row triggers witness it, and on a client without Indelible of a twin
 * database; results, errors, rows and `seen` must be equal.
 */
export type Scenario<Native> = ExactScenario<Native> | RecordedScenario<Native>

/** Every row that its statements change has its entry. What foreign keys change is announced. */
export interface ExactScenario<Native> extends ScenarioSteps<Native> {
  readonly expects: 'exact'
}

/** Some of its statements cannot be captured row by row and are announced. */
export interface RecordedScenario<Native> extends ScenarioSteps<Native> {
  readonly expects: 'recorded'
  /**
   * The announcements: op, verb, and tables in alphabetical order, without the schema where it is public: `truncate TRUNCATE Tag`,
   * `statement MERGE order_line, Product`. Every row that was changed in other tables has its entry.
   */
  readonly announces: readonly string[]
}

interface ScenarioSteps<Native> {
  readonly name: string
  /** That `run` throws. Said aloud, so that a scenario which breaks proves nothing by failing alike on both sides. */
  readonly fails?: boolean
  /** Prepares rows, on both databases, before the witnesses look. */
  readonly arrange?: (native: Native) => PromiseLike<unknown>
  /**
   * Writes. What it returns or throws is compared, deeply and with all types; entities are best returned as plain data. Times of
   * this run and random UUIDs count as equal; nothing else does.
   */
  readonly run: (native: Native) => PromiseLike<unknown>
}
