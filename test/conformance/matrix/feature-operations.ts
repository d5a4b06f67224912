import type { Operation } from './operations.ts'

/** What one ORM has and another has not. */
export const features: readonly Operation[] = [
  {
    operation: 'soft delete and restore',
    scenarios: {
      TypeORM: [
        'softDelete and restore',
        'softRemove and recover, with the pages',
        'query builder: soft delete and restore',
      ],
      MikroORM: ['a soft delete is an update'],
    },
  },
  {
    operation: 'version columns and optimistic locks',
    scenarios: {
      TypeORM: ['update by criteria counts the version', 'a save whose version has gone on elsewhere'],
      MikroORM: [
        'optimistic locks: a version that is right, one that is not',
        'optimistic locks of a batch',
        'a concurrency check',
      ],
    },
  },
  {
    operation: 'embedded, transformed and generated columns',
    scenarios: {
      TypeORM: [
        'save of an entity with embedded, transformed, generated, version and date columns',
        'save of a nested embedded column and a transformed one',
      ],
      MikroORM: [
        'embeddables: inlined, as an object, as an array',
        'custom types, in JavaScript and in SQL',
        'generated columns, formulas and lazy properties',
      ],
    },
  },
  {
    operation: 'single table inheritance',
    scenarios: {
      TypeORM: ['save of children of one table', 'update and delete of children of one table'],
      MikroORM: ['single table inheritance'],
    },
  },
  {
    operation: 'table per type',
    scenarios: {
      MikroORM: ['table per type: create and update'],
    },
  },
  {
    operation: 'closure tables',
    scenarios: {
      TypeORM: [
        'closure table: save of a tree',
        'closure table: a node moves',
        'closure table: save by cascade',
      ],
    },
  },
  {
    operation: 'materialized paths',
    scenarios: {
      TypeORM: ['materialized path: save of a tree', 'materialized path: a node moves with what is below'],
    },
  },
  {
    operation: 'nested sets',
    scenarios: {
      TypeORM: ['nested set: save of a tree', 'nested set: a node moves', 'nested set: remove of a leaf'],
    },
  },
  {
    operation: 'entities of another schema',
    scenarios: {
      TypeORM: ['entities of another schema: save, update, upsert, delete'],
      MikroORM: ['another schema'],
    },
  },
  {
    operation: 'query builder: insert, update, delete',
    scenarios: {
      TypeORM: [
        'query builder: insert of many rows',
        'query builder: insert from a select',
        'query builder: update',
        'query builder: update with a subquery',
        'query builder: delete that returns',
      ],
      MikroORM: [
        'qb.insert',
        'qb.insertFrom a query',
        'qb.update',
        'qb.update through a join',
        'qb.delete',
        'qb.delete through a join',
      ],
    },
  },
  {
    operation: 'Kysely',
    scenarios: {
      MikroORM: [
        'Kysely: insert, update, delete with bound parameters',
        'Kysely: inside a transaction of the ORM',
        'Kysely: a compiled query',
      ],
    },
  },
  {
    operation: 'the client of node-postgres',
    scenarios: {
      TypeORM: [
        'a raw client: text, values and configuration',
        'a raw client: the form with a callback',
        'a raw client: many statements at once keep their order',
      ],
      MikroORM: ['the pool of node-postgres'],
    },
  },
  {
    operation: 'streams and cursors that write',
    scenarios: {
      TypeORM: ['a stream that writes is announced'],
      MikroORM: ['connection.stream that writes', 'Kysely: a stream that writes'],
    },
  },
]

/** Several writes as one. */
export const transactions: readonly Operation[] = [
  {
    operation: 'transactions that commit',
    scenarios: {
      Prisma: ['batch', 'batch that writes one row twice', 'interactive, with statements of every kind'],
      TypeORM: ['transaction: several writes', 'transaction: by a query runner'],
      MikroORM: ['transactional: committed', 'em.begin, em.commit'],
    },
  },
  {
    operation: 'transactions that roll back leave no entry',
    leavesNothing: true,
    scenarios: {
      Prisma: ['batch that fails', 'interactive that rolls back'],
      TypeORM: ['transaction: rolled back'],
      MikroORM: ['transactional: rolled back', 'em.begin, em.rollback'],
    },
  },
  {
    operation: 'nested transactions, one rolled back',
    scenarios: {
      Prisma: ['nested transactions, one rolled back', 'nested transaction whose statement fails'],
      TypeORM: [
        'transaction: nested',
        'transaction: a nested one is rolled back, the outer one goes on',
        'transaction: a statement fails in a nested one',
      ],
      MikroORM: [
        'nested transactions, three deep, the middle one rolled back',
        'a statement fails in a nested transaction, the outer one goes on',
      ],
    },
  },
  {
    operation: 'isolation levels',
    scenarios: {
      Prisma: [
        'transaction that is ReadCommitted',
        'transaction that is RepeatableRead',
        'transaction that is Serializable',
      ],
      TypeORM: ['transaction: every isolation level'],
      MikroORM: [
        'isolation level read committed',
        'isolation level repeatable read',
        'isolation level serializable',
      ],
    },
  },
  {
    operation: 'savepoints written by hand',
    scenarios: {
      Prisma: ['savepoints written by hand'],
      TypeORM: ['transaction: BEGIN, SAVEPOINT and ROLLBACK written by hand'],
      MikroORM: ['statements by hand: begin, savepoint, rollback to, commit'],
    },
  },
]
